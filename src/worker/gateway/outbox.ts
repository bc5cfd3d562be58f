import { performance } from 'node:perf_hooks';
import type { BoundaryConstants, NativeCore } from '../../binding/native.js';
import { rawBufferOver, writeBytes, writeUtf8, type RawBuffer } from './raw-buffer.js';
import type { ResponseHead } from './response-head.js';

/** No Content-Length was declared. */
export const UNDECLARED = -1;

/**
 * Bodies above this go by reference (`REF`): the core writes the application's memory instead of a
 * copy.
 */
const REFERENCE_BYTES = 32 * 1024;
/** Worst case of UTF-8: a UTF-16 unit becomes three bytes. */
const UTF8_FACTOR = 3;
const ALIGNMENT = 8;
const LOOP_SHIFT = 24;
const TWO_32 = 0x100000000;
const ALL_ONES = 0xffffffff;
const EMPTY = new Uint8Array(0);

/** A request as the core knows it. */
export interface RequestName {
  readonly slot: number;
  readonly generation: number;
}

/** The part of the core that the outbox needs. */
export type OutboxCore = Pick<NativeCore, 'outbox' | 'flush' | 'retain'>;

/** How long an answer may wait for its neighbours, in milliseconds. */
export const MAX_WAIT_MS = 0.2;

/**
 * Writes operation records. Inside `dispatch` they leave with its return value; outside, one flush
 * follows the turn's microtasks. Either way they leave early when the outbox is full or the oldest
 * has waited for more than `MAX_WAIT_MS`.
 */
export class Outbox {
  /** Heads up to this size fit one record, beside the largest body that is copied. */
  readonly mostHeadBytes: number;
  readonly #core: OutboxCore;
  readonly #words: Uint32Array;
  readonly #bytes: RawBuffer;
  readonly #capacity: number;
  readonly #op: BoundaryConstants['op'];
  readonly #word: BoundaryConstants['opWord'];
  readonly #dataBytes: number;
  readonly #allLoops: RequestName;
  /** Bytes of complete records at the start of the outbox. */
  #at = 0;
  #inDispatch = false;
  #flushScheduled = false;
  /** When the oldest record outside a dispatch was written. */
  #oldest = 0;

  constructor(core: OutboxCore, constants: BoundaryConstants) {
    this.#core = core;
    this.#words = new Uint32Array(core.outbox);
    this.#bytes = rawBufferOver(core.outbox);
    this.#capacity = core.outbox.byteLength;
    this.#op = constants.op;
    this.#word = constants.opWord;
    this.#dataBytes = constants.opWord.DATA * 4;
    this.mostHeadBytes = this.#capacity - this.#dataBytes - REFERENCE_BYTES - ALIGNMENT;
    this.#allLoops = { slot: (constants.allLoops << LOOP_SHIFT) >>> 0, generation: 0 };
  }

  /** Records written from here on leave with `endDispatch`. */
  beginDispatch(): void {
    this.#inDispatch = true;
  }

  /** Ends a dispatch; returns the bytes for the core to take. */
  endDispatch(): number {
    const bytes = this.#at;
    this.#at = 0;
    this.#inDispatch = false;
    return bytes;
  }

  get pending(): number {
    return this.#at;
  }

  /** Hands everything over now. */
  flush(): void {
    if (this.#at === 0) return;
    const bytes = this.#at;
    this.#at = 0;
    this.#core.flush(bytes);
  }

  /**
   * A complete response. Returns the body's length, or -1 where it is not the declared one: then
   * nothing was written. `bodyless`: the body is measured for the head and not sent.
   */
  respond(
    request: RequestName,
    head: ResponseHead,
    declared: number,
    body: string | Uint8Array,
    bodyless: boolean,
  ): number {
    if (bodyless) return this.#respondHead(request, head, declared, body);
    const worst = typeof body === 'string' ? body.length * UTF8_FACTOR : body.length;
    if (worst > REFERENCE_BYTES) return this.#respondLarge(request, head, declared, body);
    const at = this.#reserve(this.#dataBytes + head.bytes.length + worst);
    const data = this.#head(at, request, head, UNDECLARED);
    let length: number;
    if (typeof body === 'string') length = writeUtf8(this.#bytes, body, data);
    else {
      length = body.length;
      writeBytes(this.#bytes, body, data);
    }
    if (declared !== UNDECLARED && declared !== length) return -1;
    this.#words[(at >> 2) + this.#word.BODY_LENGTH] = length;
    this.#commit(this.#op.RESPOND, at, data + length);
    return length;
  }

  /** The head of a response whose body follows; `declared` is its length where it is known. */
  begin(request: RequestName, head: ResponseHead, declared: number): void {
    const at = this.#reserve(this.#dataBytes + head.bytes.length);
    const data = this.#head(at, request, head, declared);
    this.#commit(this.#op.BEGIN, at, data);
  }

  /** Copies `chunk`, in as many records as it takes. */
  chunk(request: RequestName, chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      const at = this.#reserve(this.#dataBytes + 1);
      const room = this.#capacity - at - this.#dataBytes;
      const piece = chunk.subarray(from, from + room);
      const data = this.#plain(at, request);
      writeBytes(this.#bytes, piece, data);
      this.#words[(at >> 2) + this.#word.BODY_LENGTH] = piece.length;
      this.#commit(this.#op.CHUNK, at, data + piece.length);
      from += piece.length;
    }
  }

  /** Sends an open descriptor's bytes; the core owns it from now on. */
  file(request: RequestName, fd: number, start: number, length: number): void {
    const at = this.#reserve(this.#dataBytes + 8);
    const data = this.#plain(at, request);
    const index = at >> 2;
    this.#words[index + this.#word.HEAD] = fd;
    this.#putLength(index, length);
    this.#words[data >> 2] = start % TWO_32;
    this.#words[(data >> 2) + 1] = Math.floor(start / TWO_32);
    this.#commit(this.#op.FILE, at, data + 8);
  }

  end(request: RequestName): void {
    this.#bare(this.#op.END, request);
  }

  /** Cuts the connection. */
  abort(request: RequestName): void {
    this.#bare(this.#op.ABORT, request);
  }

  /** Lets `bytes` more of a streamed body come. */
  readBody(request: RequestName, bytes: number): void {
    const at = this.#reserve(this.#dataBytes);
    const data = this.#plain(at, request);
    this.#words[(at >> 2) + this.#word.BODY_LENGTH] = bytes;
    this.#commit(this.#op.READ_BODY, at, data);
  }

  /** The request has its own limit from now on, in milliseconds; Infinity: none. Leaves at once: JavaScript may block next. */
  deadline(request: RequestName, limitMs: number): void {
    const at = this.#reserve(this.#dataBytes);
    const data = this.#plain(at, request);
    if (limitMs !== Infinity) this.#putLength(at >> 2, Math.round(limitMs * 1000));
    this.#commit(this.#op.DEADLINE, at, data);
    this.flush();
  }

  /** Makes the core remember a head under `id`, in every loop. */
  defineHead(id: number, head: ResponseHead): void {
    const at = this.#reserve(this.#dataBytes + head.bytes.length);
    const data = this.#plain(at, this.#allLoops);
    const index = at >> 2;
    this.#words[index + this.#word.STATUS] = (head.flags << 16) | head.code;
    this.#words[index + this.#word.HEAD] = id;
    this.#words[index + this.#word.HEAD_LENGTH] = head.bytes.length;
    this.#words[index + this.#word.FIELDS] = head.fields;
    writeBytes(this.#bytes, head.bytes, data);
    this.#commit(this.#op.DEFINE_HEAD, at, data + head.bytes.length);
  }

  #respondHead(
    request: RequestName,
    head: ResponseHead,
    declared: number,
    body: string | Uint8Array,
  ): number {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    // An empty body says nothing about what GET would give; a declared length does.
    const known = declared === UNDECLARED && length > 0 ? length : declared;
    const at = this.#reserve(this.#dataBytes + head.bytes.length);
    this.#commit(this.#op.RESPOND, at, this.#head(at, request, head, known));
    return length;
  }

  #respondLarge(
    request: RequestName,
    head: ResponseHead,
    declared: number,
    body: string | Uint8Array,
  ): number {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (bytes.length <= REFERENCE_BYTES) {
      return this.respond(request, head, declared, bytes, false);
    }
    if (declared !== UNDECLARED && declared !== bytes.length) return -1;
    this.begin(request, head, bytes.length);
    const at = this.#reserve(this.#dataBytes);
    const data = this.#plain(at, request);
    this.#words[(at >> 2) + this.#word.HEAD] = this.#core.retain(bytes);
    this.#words[(at >> 2) + this.#word.BODY_LENGTH] = bytes.length;
    this.#commit(this.#op.REF, at, data);
    this.end(request);
    return bytes.length;
  }

  #bare(op: number, request: RequestName): void {
    const at = this.#reserve(this.#dataBytes);
    this.#commit(op, at, this.#plain(at, request));
  }

  /** Makes room for a record; returns where it starts. */
  #reserve(bytes: number): number {
    if (this.#at + bytes + ALIGNMENT > this.#capacity) this.#makeRoom(bytes);
    return this.#at;
  }

  /** What does not fit must not be begun: a head's length or a body's would be believed without their bytes. */
  #makeRoom(bytes: number): void {
    const most = this.#capacity - ALIGNMENT;
    if (bytes > most) throw new RangeError(`a record of ${bytes} bytes: the outbox takes ${most}`);
    this.flush();
  }

  /** Fills the fixed words of a record that carries a head; returns where its data go on. */
  #head(at: number, request: RequestName, head: ResponseHead, declared: number): number {
    const words = this.#words;
    const word = this.#word;
    const index = at >> 2;
    // A remembered head has no length of its own, so where one is given the head goes in full.
    const inline = head.id === 0 || declared !== UNDECLARED;
    words[index + word.SLOT] = request.slot;
    words[index + word.GENERATION] = request.generation;
    words[index + word.STATUS] = (head.flags << 16) | head.code;
    words[index + word.HEAD] = inline ? 0 : head.id;
    words[index + word.HEAD_LENGTH] = inline ? head.bytes.length : 0;
    words[index + word.BODY_LENGTH] = 0;
    words[index + word.FIELDS] = head.fields;
    this.#putLength(index, declared);
    if (!inline) return at + this.#dataBytes;
    writeBytes(this.#bytes, head.bytes, at + this.#dataBytes);
    return at + this.#dataBytes + head.bytes.length;
  }

  /** Fills the fixed words of a record without a head; returns where its data start. */
  #plain(at: number, request: RequestName): number {
    const words = this.#words;
    const word = this.#word;
    const index = at >> 2;
    words[index + word.SLOT] = request.slot;
    words[index + word.GENERATION] = request.generation;
    words[index + word.STATUS] = 0;
    words[index + word.HEAD] = 0;
    words[index + word.HEAD_LENGTH] = 0;
    words[index + word.BODY_LENGTH] = 0;
    words[index + word.FIELDS] = 0;
    this.#putLength(index, UNDECLARED);
    return at + this.#dataBytes;
  }

  #putLength(index: number, length: number): void {
    const known = length !== UNDECLARED;
    this.#words[index + this.#word.DECLARED_LOW] = known ? length % TWO_32 : ALL_ONES;
    this.#words[index + this.#word.DECLARED_HIGH] = known ? Math.floor(length / TWO_32) : ALL_ONES;
  }

  #commit(type: number, at: number, end: number): void {
    const size = (end - at + 7) & ~7;
    this.#words[at >> 2] = (type << 24) | size;
    this.#at = at + size;
    if (!this.#inDispatch) this.#schedule();
  }

  /**
   * nextTick runs after all microtasks: answers whose promises settle in one turn leave together.
   */
  #schedule(): void {
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      this.#oldest = performance.now();
      process.nextTick(this.#onTick);
    } else if (performance.now() - this.#oldest > MAX_WAIT_MS) {
      this.flush();
      this.#oldest = performance.now();
    }
  }

  readonly #onTick = (): void => {
    this.#flushScheduled = false;
    this.flush();
  };
}

export { EMPTY as EMPTY_BODY };
