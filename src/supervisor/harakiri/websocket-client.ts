/**
 * A client for one WebSocket of Node's inspector on the own machine (RFC 6455): text both ways, no extensions. The
 * versions of Node before 22 have none of their own.
 */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

const CONTINUATION = 0;
const TEXT = 1;
const CLOSE = 8;
const FIN = 0x80;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;

export interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Cuts a stream of bytes into frames (section 5.2), wherever the pieces end. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes that are needed before another look is worth it. */
  #needed = 2;

  /** The frames that are complete now. */
  push(piece: Buffer): Frame[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const frames: Frame[] = [];
    while (this.#length >= this.#needed) {
      const bytes = this.#joined();
      const frame = this.#cut(bytes);
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  }

  #joined(): Buffer {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    const joined = bytes ?? Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }

  /** undefined where more is needed; how much is noted. */
  #cut(bytes: Buffer): Frame | undefined {
    const [first = 0, second = 0] = bytes;
    const short = second & 0x7f;
    const head = short === LENGTH_16 ? 4 : short === LENGTH_64 ? 10 : 2;
    this.#needed = head;
    if (bytes.length < head) return undefined;
    const length =
      short === LENGTH_16
        ? bytes.readUInt16BE(2)
        : short === LENGTH_64
          ? Number(bytes.readBigUInt64BE(2))
          : short;
    this.#needed = head + length;
    if (bytes.length < this.#needed) return undefined;
    const payload = bytes.subarray(head, this.#needed);
    const rest = bytes.subarray(this.#needed);
    this.#pieces = [rest];
    this.#length = rest.length;
    this.#needed = 2;
    return { final: (first & FIN) !== 0, opcode: first & 0x0f, payload };
  }
}

/** One text frame of a client, which has to be masked (section 5.3). */
export function textFrame(text: string, mask: Buffer = randomBytes(MASK_BYTES)): Buffer {
  const payload = Buffer.from(text);
  const long = payload.length > 0xffff;
  const head = Buffer.alloc(payload.length < LENGTH_16 ? 2 : long ? 10 : 4);
  head[0] = FIN | TEXT;
  if (head.length === 2) head[1] = MASKED | payload.length;
  else if (long) {
    head[1] = MASKED | LENGTH_64;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  } else {
    head[1] = MASKED | LENGTH_16;
    head.writeUInt16BE(payload.length, 2);
  }
  for (const [at, byte] of payload.entries()) payload[at] = byte ^ (mask[at % MASK_BYTES] ?? 0);
  return Buffer.concat([head, mask, payload]);
}

export interface SocketEvents {
  readonly message: (text: string) => void;
  readonly closed: () => void;
}

export class WebSocketClient {
  readonly #stream: Duplex;
  readonly #events: SocketEvents;
  readonly #reader = new FrameReader();
  #message: Buffer[] = [];

  private constructor(stream: Duplex, head: Buffer, events: SocketEvents) {
    this.#stream = stream;
    this.#events = events;
    stream.on('data', (piece: Buffer) => this.#read(piece));
    stream.on('error', () => undefined);
    stream.once('close', () => events.closed());
    this.#read(head);
  }

  /** Rejects where nobody listens, or somebody who does not speak WebSocket; when `signal` aborts. */
  static connect(
    port: number,
    path: string,
    events: SocketEvents,
    signal: AbortSignal,
  ): Promise<WebSocketClient> {
    return new Promise((resolve, reject) => {
      const headers = {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      };
      const upgrade = request({ host: '127.0.0.1', port, path, headers, signal });
      upgrade.once('upgrade', (_response, stream, head) =>
        resolve(new WebSocketClient(stream, head, events)),
      );
      upgrade.once('response', (response) => {
        response.destroy();
        reject(new Error(`no WebSocket there: status ${response.statusCode ?? 0}`));
      });
      upgrade.once('error', reject);
      upgrade.end();
    });
  }

  send(text: string): void {
    this.#stream.write(textFrame(text));
  }

  close(): void {
    this.#stream.destroy();
  }

  #read(piece: Buffer): void {
    if (piece.length === 0) return;
    for (const frame of this.#reader.push(piece)) this.#take(frame);
  }

  /** Pings need no answer: the connection does not live that long. */
  #take({ final, opcode, payload }: Frame): void {
    if (opcode === CLOSE) this.close();
    if (opcode !== TEXT && opcode !== CONTINUATION) return;
    this.#message.push(payload);
    if (!final) return;
    const text = Buffer.concat(this.#message).toString();
    this.#message = [];
    this.#events.message(text);
  }
}
