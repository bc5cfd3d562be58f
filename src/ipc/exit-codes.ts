/**
 * Exit codes of master and workers. Numbers that uWSGI also uses mean what they mean there.
 * docs/errors.md lists them.
 */
export const ExitCode = {
  /** Stopped as asked. */
  OK: 0,
  /** Configuration wrong, or an address that cannot be bound. */
  FAILED: 1,
  /** A worker that drained as its master asked (uWSGI: 17). Only masters see it. */
  DRAINED: 17,
  /**
   * `--need-app` and no application: it could not be found or its module threw (uWSGI: 22). Also of a server without a
   * master whose application ends the process with 0, or waits for ever, while it is loaded.
   */
  NO_APPLICATION: 22,
  /** Workers died before they were ready, time after time, and the master gave up. */
  GAVE_UP: 70,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
