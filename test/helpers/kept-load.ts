/**
 * A constant load over connections that are kept, by clients that notice everything: errors, wrong answers, and closes
 * that they did not ask for. Latencies count from the moment a request was due, so a server that stands still cannot
 * hide it by answering fewer requests.
 */
import { onCleanup } from './cleanup.js';
import { KeptConnection, type Reply } from './kept-connection.js';
import { waitUntil } from './wait-until.js';

export interface KeptLoadOptions {
  /** A port of 127.0.0.1, or the path of a UNIX socket. */
  readonly target: number | string;
  readonly connections: number;
  /** Requests per second, all connections together. */
  readonly rate: number;
  readonly path?: string;
  /** Each request's query string is its number, and its answer has to end with that: one for another request is wrong. */
  readonly numbered?: boolean;
  /** Sees every right answer. */
  readonly onAnswer?: (text: string, connection: number) => void;
  /** Sees the end of every request, right or wrong. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

export interface Outcome {
  readonly status: number | 'failed';
  readonly connection: number;
  /** When the request was due, in milliseconds of performance.now(). */
  readonly dueAt: number;
  readonly waitMs: number;
}

export interface LoadFailure {
  readonly reason: string;
  /** Milliseconds of performance.now(). */
  readonly at: number;
  readonly connection: number;
}

/** Latencies of a stretch of time, in milliseconds. */
export class LoadWindow {
  readonly name: string;
  readonly #latencies: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  add(latencyMs: number): void {
    this.#latencies.push(latencyMs);
  }

  get answers(): number {
    return this.#latencies.length;
  }

  /** `share`: 0.5 is the median, 1 the largest; 0 without answers. */
  percentile(share: number): number {
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  }

  toString(): string {
    const [p50, p99, most] = [0.5, 0.99, 1].map((share) => this.percentile(share).toFixed(2));
    return `${this.name}: ${this.answers} answers, p50 ${p50} ms, p99 ${p99} ms, most ${most} ms`;
  }
}

interface Asked {
  readonly number: number;
  readonly dueAt: number;
}

const TICK_MS = 2;
const FINISH_LIMIT_MS = 10_000;

export class KeptLoad {
  /** Requests without an answer, or with one that cannot be read. */
  readonly errors: LoadFailure[] = [];
  /** Another status than 200, or the answer to another request. */
  readonly wrong: LoadFailure[] = [];
  /** Connections that the server ended: nobody asked it to. */
  readonly closes: LoadFailure[] = [];
  answers = 0;
  readonly #options: KeptLoadOptions;
  readonly #connections: KeptConnection[];
  /** What each connection asked last. */
  readonly #asked: Asked[];
  /** Moments at which requests were due that found every connection busy. */
  readonly #waiting: number[] = [];
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #window = new LoadWindow('start');
  #begun = 0;
  #number = 0;
  #next = 0;
  #stopped = false;

  constructor(options: KeptLoadOptions) {
    this.#options = options;
    this.#asked = Array.from({ length: options.connections }, () => ({ number: 0, dueAt: 0 }));
    this.#connections = this.#asked.map((_, index) => this.#connection(index));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    onCleanup(() => this.stop());
  }

  /** Latencies count into a new window from now on; returns it. */
  begin(name: string): LoadWindow {
    this.#window = new LoadWindow(name);
    return this.#window;
  }

  /** Ports of the connections, by number: one that changed was another connection. */
  get localPorts(): (number | undefined)[] {
    return this.#connections.map(({ localPort }) => localPort);
  }

  /** Waits for this many more answers. */
  async answered(count: number, limitMs = 30_000): Promise<void> {
    const goal = this.answers + count;
    await waitUntil(`${count} more answers`, () => this.answers >= goal, limitMs);
  }

  /** Lets running requests finish, then closes. Each one that is never answered counts as an error. Idempotent. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#waiting.length = 0;
    const busy = (): KeptConnection[] => this.#connections.filter((one) => one.busy);
    try {
      await waitUntil('the last answers', () => busy().length === 0, FINISH_LIMIT_MS);
    } catch {
      for (const connection of busy())
        this.#fail('was never answered', this.#connections.indexOf(connection));
    }
    for (const connection of this.#connections) connection.close();
  }

  /** What went wrong, in one line a kind; empty where nothing did. */
  complaints(): string[] {
    const first = ([failure]: readonly LoadFailure[]): string => failure?.reason ?? '';
    const kinds = { errors: this.errors, 'wrong answers': this.wrong, closes: this.closes };
    return Object.entries(kinds)
      .filter(([, failures]) => failures.length > 0)
      .map(([kind, failures]) => `${failures.length} ${kind}, the first: ${first(failures)}`);
  }

  #connection(index: number): KeptConnection {
    return new KeptConnection(this.#options.target, {
      reply: (reply) => this.#onReply(reply, index),
      failed: (reason) => this.#fail(reason, index),
      ended: (asked) => {
        if (!this.#stopped) this.#note(this.closes, asked ? 'with a request' : 'idle', index);
        this.#askNext(index);
      },
    });
  }

  #tick(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) * this.#options.rate) / 1000);
    for (; this.#begun < due; this.#begun += 1) {
      const dueAt = this.#startedAt + ((this.#begun + 1) * 1000) / this.#options.rate;
      const idle = this.#nextIdle();
      if (idle === undefined) this.#waiting.push(dueAt);
      else this.#ask(idle, dueAt);
    }
  }

  /** By turns, so that every connection is used. */
  #nextIdle(): number | undefined {
    const count = this.#connections.length;
    for (let tried = 0; tried < count; tried += 1) {
      const index = this.#next;
      this.#next = (index + 1) % count;
      if (this.#connections[index]?.busy === false) return index;
    }
    return undefined;
  }

  #ask(index: number, dueAt: number): void {
    this.#number += 1;
    this.#asked[index] = { number: this.#number, dueAt };
    const { path = '/', numbered = false } = this.#options;
    const target = numbered ? `${path}?${this.#number}` : path;
    this.#connections[index]?.ask(`GET ${target} HTTP/1.1\r\nHost: test\r\n\r\n`);
  }

  #askNext(index: number): void {
    const dueAt = this.#stopped ? undefined : this.#waiting.shift();
    if (dueAt !== undefined) this.#ask(index, dueAt);
  }

  #onReply({ status, text }: Reply, index: number): void {
    this.answers += 1;
    this.#window.add(this.#end(status, index));
    if (status !== 200) this.#note(this.wrong, `status ${status}: ${text.slice(0, 80)}`, index);
    else if (!this.#isFor(text, index))
      this.#note(this.wrong, `for another request: ${text.slice(0, 80)}`, index);
    else this.#options.onAnswer?.(text, index);
    this.#askNext(index);
  }

  #isFor(text: string, index: number): boolean {
    if (this.#options.numbered !== true) return true;
    return text.split(' ').at(-1) === String(this.#asked[index]?.number);
  }

  #fail(reason: string, index: number): void {
    this.#end('failed', index);
    this.#note(this.errors, reason, index);
  }

  /** Returns how long the request took. */
  #end(status: Outcome['status'], connection: number): number {
    const dueAt = this.#asked[connection]?.dueAt ?? 0;
    const waitMs = performance.now() - dueAt;
    this.#options.onOutcome?.({ status, connection, dueAt, waitMs });
    return waitMs;
  }

  #note(list: LoadFailure[], reason: string, connection: number): void {
    list.push({ reason, at: performance.now(), connection });
  }
}
