/** Lines of a server's stdout and stderr, collected while it runs. */
import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { DEFAULT_LIMIT_MS, within, withResolvers } from './wait-until.js';

interface Waiter {
  readonly pattern: RegExp;
  readonly found: (match: RegExpExecArray) => void;
}

export class ServerLog {
  readonly lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #ended: Promise<undefined>[] = [];

  /** Reads the stream to its end; partial lines are kept until they are complete. */
  follow(stream: Readable): void {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    const take = (text: string): void => {
      const pieces = (rest + text).split('\n');
      rest = pieces.pop() ?? '';
      for (const line of pieces) this.#add(line);
    };
    stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
    const end = withResolvers<undefined>();
    stream.once('close', () => {
      if (rest !== '') this.#add(rest);
      end.resolve(undefined);
    });
    this.#ended.push(end.promise);
  }

  /** All streams were read to their ends. */
  async ended(): Promise<void> {
    await Promise.all(this.#ended);
  }

  get text(): string {
    return this.lines.join('\n');
  }

  matching(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line));
  }

  /** The first line, from line `from` on, that matches, also when it was written already. */
  async waitFor(pattern: RegExp, limitMs = DEFAULT_LIMIT_MS, from = 0): Promise<RegExpExecArray> {
    for (const line of this.lines.slice(from)) {
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
    const { promise, resolve } = withResolvers<RegExpExecArray>();
    const waiter: Waiter = { pattern, found: resolve };
    this.#waiters.add(waiter);
    try {
      return await within(promise, `a log line like ${pattern}`, limitMs, () => `\n${this.text}`);
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  /** JSON records among the lines (`--log-format json`). */
  records(): Record<string, unknown>[] {
    return this.lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  #add(line: string): void {
    this.lines.push(line);
    for (const waiter of this.#waiters) {
      const match = waiter.pattern.exec(line);
      if (match !== null) waiter.found(match);
    }
  }
}
