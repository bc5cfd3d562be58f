/** `top ADDRESS`: what a server does now, again and again. */
import {
  comparable,
  figuresBetween,
  parseDocument,
  type StatsDocument,
} from '../../page/figures.js';
import { TsuwsgiError } from '../../errors.js';
import { ExitCode } from '../../ipc/exit-codes.js';
import { readTopArguments, type TopArguments } from './arguments.js';
import { parseStatsAddress, readStats, type StatsAddress } from './read-stats.js';
import { screenLines, SORT_KEYS, type SortKey } from './screen.js';
import { Terminal } from './terminal.js';

const PLAIN_COLUMNS = 200;
const QUIT_KEYS = new Set(['q', 'Q', '\u0003', '\u0004', '\u001B']);
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Returns the exit code when the user has seen enough. Throws a ConfigError for arguments that make no sense. */
export async function top(argv: readonly string[]): Promise<number> {
  const args = readTopArguments(argv);
  const address = parseStatsAddress(args.address);
  const session = new Session(args, address);
  return session.run();
}

/** One run of `top`: the last look, the order, and the pause between two looks. */
class Session {
  readonly #args: TopArguments;
  readonly #address: StatsAddress;
  readonly #terminal: Terminal | undefined;
  #sort: SortKey;
  #shown: readonly [StatsDocument, StatsDocument] | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(args: TopArguments, address: StatsAddress) {
    this.#args = args;
    this.#address = address;
    this.#sort = args.sort;
    if (process.stdout.isTTY && !args.once)
      this.#terminal = new Terminal(process.stdin, process.stdout, {
        key: (key) => this.#onKey(key),
        resized: () => this.#show(),
      });
  }

  async run(): Promise<number> {
    const stop = (): void => this.#stop();
    for (const signal of SIGNALS) process.on(signal, stop);
    this.#terminal?.enter();
    try {
      await this.#watch();
    } finally {
      this.#terminal?.leave();
      for (const signal of SIGNALS) process.off(signal, stop);
    }
    return ExitCode.OK;
  }

  /** The first two looks give the first figures. Errors end what a script reads; on a terminal they are shown. */
  async #watch(): Promise<void> {
    let last: StatsDocument | undefined;
    while (!this.#stopped) {
      const next = await this.#look();
      if (next !== undefined) {
        if (last !== undefined && comparable(last, next)) this.#shown = [last, next];
        last = next;
        this.#show();
        if (this.#args.once && this.#shown !== undefined) return;
      }
      if (!this.#isStopped()) await this.#pause();
    }
  }

  async #look(): Promise<StatsDocument | undefined> {
    try {
      return parseDocument(await readStats(this.#address));
    } catch (error) {
      const reason = `top ${this.#args.address}: ${error instanceof Error ? error.message : String(error)}`;
      if (this.#terminal === undefined) {
        throw new TsuwsgiError('ERR_TSUWSGI_TOP', reason, { exitCode: ExitCode.FAILED });
      }
      this.#terminal.draw([reason, '', 'trying again; q quits']);
      return undefined;
    }
  }

  #show(): void {
    if (this.#shown === undefined) return;
    const [earlier, later] = this.#shown;
    const terminal = this.#terminal;
    const lines = screenLines(later, figuresBetween(earlier, later), {
      address: this.#args.address,
      columns: terminal?.columns ?? PLAIN_COLUMNS,
      rows: terminal?.rows,
      sort: this.#sort,
      styled: terminal !== undefined,
    });
    if (terminal === undefined) process.stdout.write(`${lines.join('\n').trimEnd()}\n`);
    else terminal.draw(lines);
  }

  #onKey(key: string): void {
    if (QUIT_KEYS.has(key)) this.#stop();
    else if (isSortKey(key)) {
      this.#sort = key;
      this.#show();
    }
  }

  #stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#args.intervalMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function isSortKey(key: string): key is SortKey {
  return Object.hasOwn(SORT_KEYS, key);
}
