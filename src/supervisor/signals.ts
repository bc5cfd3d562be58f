/** What the master does on a signal. The table of docs/signals.md is generated from this one. */

export type MasterCommand = 'stop-gracefully' | 'stop-now' | 'reload' | 'log-workers' | 'ignore';

export interface SignalRow {
  readonly signal: NodeJS.Signals;
  readonly command: MasterCommand;
  /** What the same signal does when it comes again while the server stops gracefully. */
  readonly again: MasterCommand;
  /** For the documentation: what happens here, and what uWSGI does. */
  readonly here: string;
  readonly uwsgi: string;
}

export const SIGNALS: readonly SignalRow[] = [
  {
    signal: 'SIGTERM',
    command: 'stop-gracefully',
    again: 'ignore',
    here: 'graceful stop: requests are finished, at most `--worker-reload-mercy` seconds; then exit 0',
    uwsgi: 'brutal reload; with `--die-on-term` brutal stop',
  },
  {
    signal: 'SIGINT',
    command: 'stop-gracefully',
    again: 'stop-now',
    here: 'graceful stop; a second one stops at once',
    uwsgi: 'brutal stop',
  },
  {
    signal: 'SIGQUIT',
    command: 'stop-now',
    again: 'stop-now',
    here: 'stop at once: running requests are cut, exit 0',
    uwsgi: 'brutal stop; with `--die-on-term` brutal reload',
  },
  {
    signal: 'SIGHUP',
    command: 'reload',
    again: 'ignore',
    here: 'graceful reload: one worker after the other gets a successor with the new code, ready before the old one stops; options are not read again',
    uwsgi: 'graceful reload: all workers stop, then everything starts again',
  },
  {
    signal: 'SIGUSR1',
    command: 'log-workers',
    again: 'log-workers',
    here: 'logs the state of every worker',
    uwsgi: 'prints the configuration and counters',
  },
  {
    signal: 'SIGUSR2',
    command: 'ignore',
    again: 'ignore',
    here: 'nothing',
    uwsgi: 'kills the master (default action)',
  },
];

/** The command for a signal, given whether a graceful stop is under way. */
export function commandFor(row: SignalRow, stopping: boolean): MasterCommand {
  return stopping ? row.again : row.command;
}

/** Handles every signal of the table until the returned function is called. */
export function onSignals(handle: (row: SignalRow) => void): () => void {
  const listeners = SIGNALS.map((row) => {
    const listener = (): void => handle(row);
    process.on(row.signal, listener);
    return { signal: row.signal, listener };
  });
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };
}
