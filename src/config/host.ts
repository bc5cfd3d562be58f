/** What the configuration asks of the machine. Passed in, so that resolving does no I/O of its own. */
export interface Host {
  /** CPUs this process may run on, at least 1. */
  availableParallelism(): number;
  /** undefined where the file cannot be read. */
  readFile(path: string): string | undefined;
}
