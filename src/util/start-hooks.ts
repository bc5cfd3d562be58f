/** What the command line does at two moments of a start, with a master or without. */
export interface StartHooks {
  /** Every address is bound, and nothing of the application runs yet. May throw: the start then fails. */
  readonly bound: () => void;
  /** All that the server needs itself is there, and it can be given orders. */
  readonly begun: () => void;
  /** Every worker answers requests, for the first time. */
  readonly ready: () => void;
  /** The file that standard error goes to, where an option sent it there; absolute. */
  readonly logFile?: string | undefined;
}
