/** What the master does on a signal; from the table of commands. */
import { COMMANDS, type MasterCommand } from './master-commands.js';

export type { MasterCommand } from './master-commands.js';

export interface SignalRow {
  readonly signal: NodeJS.Signals;
  readonly command: MasterCommand;
  /** What the same signal does when it comes again while the server stops gracefully. */
  readonly again: MasterCommand;
  /** For the documentation: what happens here, without a master, and in uWSGI. */
  readonly here: string;
  readonly alone: string;
  readonly uwsgi: string;
}

export const SIGNALS: readonly SignalRow[] = COMMANDS.flatMap(({ command, does, signals }) =>
  signals.map(({ signal, again, remark, alone, uwsgi }) => ({
    signal,
    command,
    again,
    here: remark === undefined ? does : `${does}; ${remark}`,
    alone,
    uwsgi,
  })),
);

/** The command for a signal, given whether a graceful stop is under way. */
export function commandFor(row: SignalRow, stopping: boolean): MasterCommand {
  return stopping ? row.again : row.command;
}

/** A terminal sends it whenever its window changes. The system ignores it by itself: nothing is to be said. */
const LEFT_ALONE: NodeJS.Signals = 'SIGWINCH';

/** Handles every other signal of the table until the returned function is called. */
export function onSignals(handle: (row: SignalRow) => void): () => void {
  const listeners = SIGNALS.filter(({ signal }) => signal !== LEFT_ALONE).map((row) => {
    const listener = (): void => handle(row);
    process.on(row.signal, listener);
    return { signal: row.signal, listener };
  });
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };
}
