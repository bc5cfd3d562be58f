/**
 * Many clients that ask again and again, each request on a connection of its own, until told to stop, at the latest at
 * the end of the test.
 */
import { onCleanup } from './cleanup.js';
import { RawSocket } from './raw-socket.js';

export interface Answer {
  readonly text: string;
  readonly startedAt: number;
}

export interface Failure {
  readonly error: unknown;
  /** Milliseconds of performance.now() when the connection was asked for. */
  readonly startedAt: number;
}

export class Load {
  readonly answers: Answer[] = [];
  readonly failures: Failure[] = [];
  readonly #port: number | string;
  readonly #request: string;
  readonly #clients: Promise<void>[];
  #stopped = false;

  /** `port`: or the path of a UNIX socket. */
  constructor(port: number | string, clients: number, path: string) {
    this.#port = port;
    this.#request = `GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`;
    this.#clients = Array.from({ length: clients }, () => this.#client());
    onCleanup(() => this.stop());
  }

  /** Lets every client finish its request. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #client(): Promise<void> {
    while (!this.#stopped) {
      const startedAt = performance.now();
      try {
        const socket = await RawSocket.connect(this.#port);
        const { status, text } = await socket.request(this.#request);
        socket.close();
        if (status === 200) this.answers.push({ text, startedAt });
        else this.failures.push({ error: new Error(`status ${status}`), startedAt });
      } catch (error) {
        this.failures.push({ error, startedAt });
      }
    }
  }
}
