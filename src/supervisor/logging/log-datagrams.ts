/** Loggers that send one datagram a line: UDP and UNIX datagram sockets. */
import { createSocket, type Socket } from 'node:dgram';
import { closeSync } from 'node:fs';
import { describeErrno, UNREAD, type LineOutput } from '../../log/line-output.js';
import type { DropState } from '../../log/line-sink.js';
import type { LogTarget, OutputAddon } from './log-target.js';
import { rememberingLookup } from './remembering-lookup.js';

/** What waits for a receiver that is slow, or is being started anew. More is dropped. */
const MOST_WAITING = 256 * 1024;
/**
 * The kernel holds as few as ten datagrams for a receiver (net.unix.max_dgram_qlen): one that reads has room again at
 * once, one that does not is asked less and less often.
 */
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 50;
/** Longer lines are cut: what UDP can carry. */
const MOST_BYTES = 65_000;

/** `undefined`: sent. Otherwise why not, for now. */
type Refusal = string | undefined;

abstract class DatagramTarget implements LogTarget {
  readonly name: string;
  readonly #frame: (line: string) => string;
  #waiting: Buffer[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #dropped = 0;
  #refusal: Refusal;

  constructor(name: string, frame: (line: string) => string) {
    this.name = name;
    this.#frame = frame;
  }

  protected abstract send(datagram: Buffer): Refusal;
  abstract close(): void;

  get state(): DropState {
    return { dropped: this.#dropped, refusal: this.#refusal };
  }

  write(lines: string): void {
    for (const line of lines.split('\n')) if (line !== '') this.#add(this.#frame(line));
    const waits = this.#timer !== undefined;
    // A receiver that was only full may have read meanwhile; one that is not there is not looked for with every line.
    if (waits && this.#refusal !== UNREAD) return;
    // It is time that makes the next attempt later, not lines.
    if (this.#sendWaiting() > 0 || !waits) this.#retryIn(FIRST_RETRY_MS);
  }

  reopen(): undefined {
    // There is no file.
  }

  rotateAbove(): undefined {
    // There is no file.
  }

  rotate(): undefined {
    // There is no file.
  }

  /** A datagram that was sent did not arrive. */
  protected lost(refusal: string): void {
    this.#dropped += 1;
    this.#refusal = refusal;
  }

  protected stopRetrying(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #add(text: string): void {
    const datagram = Buffer.from(text).subarray(0, MOST_BYTES);
    if (this.#size + datagram.length > MOST_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(datagram);
    this.#size += datagram.length;
  }

  /** How many were sent. */
  #sendWaiting(): number {
    let sent = 0;
    this.#refusal = undefined;
    for (const datagram of this.#waiting) {
      this.#refusal = this.send(datagram);
      if (this.#refusal !== undefined) break;
      this.#size -= datagram.length;
      sent += 1;
    }
    this.#waiting = this.#waiting.slice(sent);
    return sent;
  }

  /** Where something waits. */
  #retryIn(ms: number): void {
    this.stopRetrying();
    if (this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => {
      const read = this.#sendWaiting() > 0;
      this.#retryIn(read ? FIRST_RETRY_MS : Math.min(2 * ms, LAST_RETRY_MS));
    }, ms).unref();
  }
}

export class UdpTarget extends DatagramTarget {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #port: number;
  /** Given to the socket, which has not said what became of it. */
  #pending = 0;

  constructor(name: string, host: string, port: number, frame: (line: string) => string) {
    super(name, frame);
    this.#host = host;
    this.#port = port;
    const type = host.includes(':') ? 'udp6' : 'udp4';
    this.#socket = createSocket({ type, lookup: rememberingLookup() });
    this.#socket.on('error', (error) => this.lost(error.message));
    this.#socket.unref();
  }

  protected send(datagram: Buffer): Refusal {
    if (this.#pending > 0 && this.#pending + datagram.length > MOST_WAITING) return UNREAD;
    this.#pending += datagram.length;
    this.#socket.send(datagram, this.#port, this.#host, (error) => {
      this.#pending -= datagram.length;
      if (error !== null) this.lost(error.message);
    });
    return undefined;
  }

  close(): void {
    this.stopRetrying();
    this.#socket.close();
  }
}

/** The socket's owner may come later or be started anew: the connection is made when there is something to send. */
export class UnixDatagramTarget extends DatagramTarget {
  readonly #path: string;
  readonly #addon: OutputAddon;
  #fd: number | undefined;
  #output: LineOutput | undefined;

  constructor(name: string, path: string, addon: OutputAddon, frame: (line: string) => string) {
    super(name, frame);
    this.#path = path;
    this.#addon = addon;
  }

  protected send(datagram: Buffer): Refusal {
    const old = this.#fd !== undefined;
    const refusal = this.#trySend(datagram);
    // A connection that was made to an earlier owner of the socket.
    return refusal !== undefined && old && this.#fd === undefined
      ? this.#trySend(datagram)
      : refusal;
  }

  #trySend(datagram: Buffer): Refusal {
    try {
      this.#fd ??= this.#addon.connectDatagram(this.#path);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.#output ??= this.#addon.openOutput(this.#fd);
    const { error } = this.#output(datagram);
    if (error === 0) return undefined;
    const refusal = describeErrno(error);
    if (refusal !== UNREAD) this.#disconnect();
    return refusal;
  }

  #disconnect(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#output = undefined;
  }

  close(): void {
    this.stopRetrying();
    this.#disconnect();
  }
}
