/** One keep-alive connection of a load: asks one request after the other and notices what it was not told of. */
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** The server said that it closes the connection. */
  readonly closes: boolean;
}

export interface ConnectionEvents {
  readonly reply: (reply: Reply) => void;
  /** The request that runs gets no answer, or a broken one. */
  readonly failed: (reason: string) => void;
  /** The server ended the connection, or could not be reached; `asked`: while a request ran. */
  readonly ended: (asked: boolean) => void;
}

const HEAD_END = '\r\n\r\n';

/** What a response's head says about where it ends; undefined: the client cannot tell. */
function bodyLength(head: string): number | undefined {
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return length === undefined ? undefined : Number(length);
}

export class KeptConnection {
  readonly #target: number | string;
  readonly #events: ConnectionEvents;
  #socket: Socket | undefined;
  #received = '';
  #asking = false;

  /** `target`: a port of 127.0.0.1, or the path of a UNIX socket. */
  constructor(target: number | string, events: ConnectionEvents) {
    this.#target = target;
    this.#events = events;
  }

  get busy(): boolean {
    return this.#asking;
  }

  /** The client's port: the same one as long as the connection lives. undefined on UNIX sockets and without one. */
  get localPort(): number | undefined {
    return this.#socket?.localPort;
  }

  /** Opens the connection where there is none. */
  ask(request: string): void {
    this.#asking = true;
    this.#socket ??= this.#open();
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#socket?.removeAllListeners();
    this.#socket?.on('error', () => undefined);
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const target = this.#target;
    const socket = typeof target === 'string' ? connect(target) : connect(target, '127.0.0.1');
    this.#received = '';
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#onData(text));
    socket.on('error', ({ message }) => this.#onEnd(message));
    socket.on('close', () => this.#onEnd('the server closed the connection'));
    return socket;
  }

  #onData(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd + 2);
    const length = bodyLength(head);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    if (length === undefined || status === 0 || !this.#asking) {
      this.#fail(`not an answer: ${JSON.stringify(this.#received.slice(0, 200))}`);
      return;
    }
    const end = headEnd + HEAD_END.length + length;
    if (this.#received.length < end) return;
    const body = this.#received.slice(headEnd + HEAD_END.length, end);
    this.#received = this.#received.slice(end);
    this.#asking = false;
    this.#events.reply({ status, text: body, closes: /^connection: *close/im.test(head) });
  }

  /** The stream cannot be understood any more: the next request gets another connection. */
  #fail(reason: string): void {
    this.close();
    if (this.#asking) {
      this.#asking = false;
      this.#events.failed(reason);
    }
    this.#events.ended(false);
  }

  #onEnd(reason: string): void {
    const asked = this.#asking;
    this.close();
    this.#asking = false;
    if (asked) this.#events.failed(reason);
    this.#events.ended(asked);
  }
}
