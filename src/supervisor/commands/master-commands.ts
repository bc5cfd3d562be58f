/**
 * Everything that a running server can be told from outside, declared once: by a signal to the master, by a letter in the
 * fifo of `--master-fifo`, or by a message from the application. The handlers of signals, the fifo, docs/signals.md and
 * the table of letters in it are derived from this table.
 */

export type MasterCommand =
  | 'stop-gracefully'
  | 'stop-now'
  | 'reload'
  | 'reload-now'
  | 'chain-reload'
  | 'reload-workers'
  | 'reload-workers-now'
  | 'upgrade'
  | 'pause'
  | 'revive'
  | 'log-workers'
  | 'reopen-log'
  | 'rotate-log'
  | 'write-pidfiles'
  | 'go-cheap'
  | 'add-worker'
  | 'remove-worker'
  | 'ignore';

/** A signal that gives the command. */
export interface CommandSignal {
  readonly signal: NodeJS.Signals;
  /** What the same signal does when it comes again while the server stops gracefully. */
  readonly again: MasterCommand;
  /** Added to what the command does, for the documentation. */
  readonly remark?: string;
  /** What a server without a master does. */
  readonly alone: string;
  /** What uWSGI's master does on it. */
  readonly uwsgi: string;
}

/** A letter of uWSGI's master fifo that gives the command. */
export interface CommandLetter {
  readonly letter: string;
  readonly uwsgi: string;
}

export interface CommandRow {
  readonly command: MasterCommand;
  /** What happens, for the documentation. */
  readonly does: string;
  readonly signals: readonly CommandSignal[];
  readonly letters: readonly CommandLetter[];
}

const BRUTAL = 'running requests of the old workers are cut';
const READY_FIRST = 'each successor is ready before its predecessor stops';

export const COMMANDS: readonly CommandRow[] = [
  {
    command: 'stop-gracefully',
    does: 'graceful stop: `/ready` turns false and, after `--stop-delay`, requests are finished, at most `--worker-reload-mercy` seconds; then exit 0',
    signals: [
      {
        signal: 'SIGTERM',
        alone: 'the same; there is no `/ready` and no `--stop-delay`',
        again: 'ignore',
        remark: 'a second one ends `--stop-delay` early',
        uwsgi: 'brutal reload; with `--die-on-term` brutal stop',
      },
      {
        signal: 'SIGINT',
        alone: 'the same as SIGTERM; a second one stops at once',
        again: 'stop-now',
        remark: 'a second one stops at once',
        uwsgi: 'brutal stop',
      },
    ],
    letters: [{ letter: 'q', uwsgi: 'graceful stop' }],
  },
  {
    command: 'stop-now',
    does: 'stop at once: running requests are cut, exit 0',
    signals: [
      {
        signal: 'SIGQUIT',
        alone: 'the same',
        again: 'stop-now',
        uwsgi: 'brutal stop; with `--die-on-term` brutal reload',
      },
    ],
    letters: [{ letter: 'Q', uwsgi: 'brutal stop' }],
  },
  {
    command: 'reload',
    does: `graceful reload: options are read again, then one worker after the other gets a successor with the new code; ${READY_FIRST}`,
    signals: [
      {
        signal: 'SIGHUP',
        alone: 'a warning: new code comes by a restart',
        again: 'ignore',
        uwsgi: 'graceful reload: all workers stop, then everything starts again',
      },
    ],
    letters: [{ letter: 'r', uwsgi: 'graceful reload' }],
  },
  {
    command: 'reload-now',
    does: `the same, but ${BRUTAL}`,
    signals: [],
    letters: [{ letter: 'R', uwsgi: 'brutal reload' }],
  },
  {
    command: 'chain-reload',
    does: 'chain reload: as a graceful reload of the workers, but a worker is replaced only when the predecessor of the one before is gone, so there is never more than one process too many; options are not read again',
    signals: [],
    letters: [{ letter: 'c', uwsgi: 'chain reload' }],
  },
  {
    command: 'reload-workers',
    does: `graceful reload of the workers alone: options are not read again; ${READY_FIRST}`,
    signals: [],
    letters: [{ letter: 'w', uwsgi: 'graceful reload of workers, without the master' }],
  },
  {
    command: 'reload-workers-now',
    does: `the same, but ${BRUTAL}`,
    signals: [],
    letters: [{ letter: 'W', uwsgi: 'brutal reload of workers, without the master' }],
  },
  {
    command: 'upgrade',
    does: 'upgrade of the server itself: a new master is started from what is installed now, with the same sockets; when its workers are ready it takes over, and the old one finishes its requests and ends. Where it does not get ready, the old one goes on',
    signals: [
      {
        signal: 'SIGUSR2',
        again: 'ignore',
        alone: 'a warning: a new version comes by a restart',
        uwsgi: 'kills the master (default action)',
      },
    ],
    letters: [{ letter: 'f', uwsgi: 'forks the master again' }],
  },
  {
    command: 'pause',
    does: 'pause: no new connection is accepted, clients wait in the queues; connections that are open are served on. The same again resumes',
    signals: [
      {
        signal: 'SIGTSTP',
        again: 'ignore',
        alone: 'suspends the process, as of any program, until SIGCONT',
        uwsgi: 'pause, or resume',
      },
    ],
    letters: [{ letter: 'p', uwsgi: 'pause, or resume' }],
  },
  {
    command: 'revive',
    does: 'workers that wait for their respawn start at once, and what was counted against them is forgotten',
    signals: [{ signal: 'SIGURG', again: 'ignore', alone: 'nothing', uwsgi: 'nothing' }],
    letters: [],
  },
  {
    command: 'log-workers',
    does: 'opens log files anew, and logs the state of every worker',
    signals: [
      {
        signal: 'SIGUSR1',
        again: 'log-workers',
        alone: 'opens the log file anew',
        uwsgi: 'prints the configuration and counters',
      },
    ],
    letters: [{ letter: 's', uwsgi: 'prints statistics to the log' }],
  },
  {
    command: 'reopen-log',
    does: 'opens log files anew',
    signals: [],
    letters: [{ letter: 'l', uwsgi: 'opens log files anew' }],
  },
  {
    command: 'rotate-log',
    does: 'renames log files and begins new ones',
    signals: [],
    letters: [{ letter: 'L', uwsgi: 'rotates log files' }],
  },
  {
    command: 'write-pidfiles',
    does: 'writes the pidfiles again',
    signals: [],
    letters: [{ letter: 'P', uwsgi: 'writes the pidfiles again' }],
  },
  {
    command: 'go-cheap',
    does: 'stops all workers gracefully until a client comes',
    signals: [],
    letters: [{ letter: 'C', uwsgi: 'kills all workers until a client comes' }],
  },
  {
    command: 'add-worker',
    does: 'one worker more (with `--cheaper`)',
    signals: [],
    letters: [{ letter: '+', uwsgi: 'one worker more (cheaper mode)' }],
  },
  {
    command: 'remove-worker',
    does: 'one worker fewer (with `--cheaper`)',
    signals: [],
    letters: [{ letter: '-', uwsgi: 'one worker fewer (cheaper mode)' }],
  },
  {
    command: 'ignore',
    does: 'nothing',
    signals: [
      { signal: 'SIGWINCH', again: 'ignore', alone: 'nothing', uwsgi: 'nothing' },
      {
        signal: 'SIGALRM',
        again: 'ignore',
        alone: 'nothing',
        uwsgi: 'kills the master (default action)',
      },
    ],
    letters: [
      { letter: 'B', uwsgi: 'asks the Emperor for reinforcement' },
      { letter: 'E', uwsgi: 'lets the Emperor look at its vassals' },
      { letter: 'S', uwsgi: 'blocks subscriptions, or lets them through' },
    ],
  },
];

/** What a stopping server still hears of the fifo. */
const WHILE_STOPPING: readonly MasterCommand[] = ['stop-now', 'log-workers', 'reopen-log'];

const BY_LETTER: ReadonlyMap<string, MasterCommand> = new Map(
  COMMANDS.flatMap(({ command, letters }) => letters.map(({ letter }) => [letter, command])),
);

/** undefined for a letter without a meaning. */
export function commandOfLetter(letter: string): MasterCommand | undefined {
  return BY_LETTER.get(letter);
}

/** The command as the server obeys it while it stops. */
export function whileStopping(command: MasterCommand): MasterCommand {
  return WHILE_STOPPING.includes(command) ? command : 'ignore';
}
