import type { BoundaryConstants, NativeAddon, NativeCore } from '../../../src/binding/native.js';

/**
 * Same meaning as native/server/records.h; other numbers would do, since nothing but the addon
 * defines them.
 */
export const constants: BoundaryConstants = {
  inboxBytes: 256 * 1024,
  outboxBytes: 256 * 1024,
  maxTemplates: 256,
  maxHeads: 64,
  highWaterBytes: 64 * 1024,
  allLoops: 0xff,
  event: { REQUEST: 1, BODY: 2, BODY_END: 3, ABORTED: 4, WRITABLE: 5, PEER: 6 },
  requestWord: {
    SLOT: 1,
    GENERATION: 2,
    FLAGS: 3,
    TEMPLATE: 4,
    CONNECTION: 5,
    BODY_LOW: 6,
    BODY_HIGH: 7,
    BODY_AT: 8,
    TEXT_AT: 9,
    TEXT_LENGTH: 10,
    PAIRS: 11,
    METHOD_LENGTH: 12,
    TARGET_LENGTH: 13,
    PATH_LENGTH: 14,
    FIRST_PAIR: 16,
  },
  requestFlag: {
    HTTP_1_0: 1,
    TEMPLATE_HIT: 2,
    TEMPLATE_DEFINE: 4,
    SAME_LINE: 8,
    PATH_ENCODED: 16,
    BODY_SHIFT: 5,
    BODY_MASK: 7 << 5,
    UWSGI: 1 << 8,
    HTTPS: 1 << 9,
  },
  bodyKind: { NONE: 0, INLINE: 1, MEMORY: 2, FILE: 3, STREAM: 4 },
  abortReason: {
    CLIENT: 1,
    TIMEOUT: 2,
    SEND_TIMEOUT: 3,
    DEADLINE: 4,
    DRAINING: 5,
    SHUTDOWN: 6,
    BAD_BODY: 7,
    BODY_TOO_LARGE: 8,
  },
  op: {
    RESPOND: 1,
    BEGIN: 2,
    CHUNK: 3,
    END: 4,
    FILE: 5,
    ABORT: 6,
    DEFINE_HEAD: 7,
    REF: 8,
    READ_BODY: 9,
    DEADLINE: 10,
  },
  opWord: {
    SLOT: 1,
    GENERATION: 2,
    STATUS: 3,
    HEAD: 4,
    HEAD_LENGTH: 5,
    BODY_LENGTH: 6,
    DECLARED_LOW: 7,
    DECLARED_HIGH: 8,
    FIELDS: 9,
    DATA: 10,
  },
  scoreboard: {},
  scoreboardCounter: {},
  opFlag: { HAS_DATE: 1, CLOSE: 2 },
};

export const environKeys: readonly string[] = [
  'CONTENT_TYPE',
  'CONTENT_LENGTH',
  'HTTP_HOST',
  'HTTP_ACCEPT',
  'HTTP_USER_AGENT',
];

export const fakeAddon: Pick<NativeAddon, 'constants' | 'environKeys'> = { constants, environKeys };

export interface FakeRequest {
  readonly slot?: number;
  readonly generation?: number;
  readonly connection?: number;
  readonly method?: string;
  readonly target?: string;
  readonly http10?: boolean;
  /** It came as a packet; `headers` are its variables. */
  readonly uwsgi?: 'http' | 'https';
  /** Environ pairs, as the core would make them. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly template?: { readonly id: number; readonly use: 'define' | 'hit' | 'same-line' };
  readonly body?: FakeBody;
}

export type FakeBody =
  | { readonly kind: 'INLINE'; readonly bytes: Buffer }
  | { readonly kind: 'MEMORY'; readonly bytes: Buffer }
  | { readonly kind: 'FILE'; readonly fd: number; readonly length: number }
  | { readonly kind: 'STREAM' };

/** One operation record, decoded. */
export interface Operation {
  readonly op: keyof BoundaryConstants['op'];
  readonly slot: number;
  readonly generation: number;
  readonly status: number;
  readonly flags: number;
  readonly head: number;
  readonly headText: string;
  readonly declared: number;
  readonly fields: number;
  readonly bodyLength: number;
  readonly body: Buffer;
  /** FILE only. */
  readonly offset: number;
}

const TWO_32 = 2 ** 32;

/** A NativeCore in memory: events are put in by hand, operations come out decoded. */
export class FakeCore implements NativeCore {
  readonly inbox = new ArrayBuffer(constants.inboxBytes);
  readonly outbox: ArrayBuffer;
  readonly operations: Operation[] = [];
  readonly retained: Uint8Array[] = [];
  readonly memoryBodies = new Map<number, Buffer>();
  flushes = 0;
  /** How often the rest of a batch was stamped anew. */
  begunLater = 0;
  dispatch: (bytes: number) => number = () => 0;
  #at = 0;
  readonly #words = new Uint32Array(this.inbox);
  readonly #bytes = Buffer.from(this.inbox);

  readonly #keys: readonly string[];

  constructor(outboxBytes = constants.outboxBytes, keys = environKeys) {
    this.#keys = keys;
    this.outbox = new ArrayBuffer(outboxBytes);
  }

  /** Runs everything that was put, as one batch. */
  run(): readonly Operation[] {
    this.#decode(this.dispatch(this.takeInbox()));
    return this.operations;
  }

  /** Bytes of the records that were put; the next record starts at the front again. */
  takeInbox(): number {
    const bytes = this.#at;
    this.#at = 0;
    return bytes;
  }

  putPeer(connection: number, address: string, port: number, listener = 0): void {
    const start = this.#open();
    this.#word(start, 1, connection);
    this.#word(start, 3, listener);
    this.#word(start, 4, address.length);
    this.#word(start, 5, port);
    this.#bytes.write(address, start + 24, 'latin1');
    this.#close(start, constants.event.PEER, 24 + address.length);
  }

  putRequest(request: FakeRequest = {}): void {
    const { requestWord: word, requestFlag: flag } = constants;
    const start = this.#open();
    const { method = 'GET', target = '/', headers = [], template, body } = request;
    const query = target.indexOf('?');
    const hit = template?.use === 'hit' || template?.use === 'same-line';
    let flags = request.http10 === true ? flag.HTTP_1_0 : 0;
    if (request.uwsgi !== undefined) flags |= flag.UWSGI;
    if (request.uwsgi === 'https') flags |= flag.HTTPS;
    if (template?.use === 'define') flags |= flag.TEMPLATE_DEFINE;
    if (hit) flags |= flag.TEMPLATE_HIT;
    if (template?.use === 'same-line') flags |= flag.SAME_LINE;
    if (/[%\x80-\xff]/.test(target)) flags |= flag.PATH_ENCODED;
    this.#word(start, word.SLOT, request.slot ?? 1);
    this.#word(start, word.GENERATION, request.generation ?? 1);
    this.#word(start, word.TEMPLATE, template?.id ?? 0);
    this.#word(start, word.CONNECTION, request.connection ?? 1);
    this.#word(start, word.METHOD_LENGTH, method.length);
    this.#word(start, word.TARGET_LENGTH, target.length);
    this.#word(start, word.PATH_LENGTH, query < 0 ? target.length : query);
    let text = template?.use === 'same-line' ? '' : method + target;
    let pair = word.FIRST_PAIR;
    for (const [key, value] of hit ? [] : headers) {
      const known = this.#keys.indexOf(key);
      const keyAt = text.length;
      if (known < 0) text += key;
      this.#word(start, pair, known < 0 ? (0xffff << 16) | key.length : known << 16);
      this.#word(start, pair + 1, keyAt);
      this.#word(start, pair + 2, text.length);
      this.#word(start, pair + 3, value.length);
      text += value;
      pair += 4;
    }
    this.#word(start, word.PAIRS, hit ? 0 : headers.length);
    this.#word(start, word.TEXT_AT, pair * 4);
    this.#word(start, word.TEXT_LENGTH, text.length);
    this.#bytes.write(text, start + pair * 4, 'latin1');
    let size = pair * 4 + text.length;
    if (body !== undefined) {
      flags |= constants.bodyKind[body.kind] << flag.BODY_SHIFT;
      size = this.#putBody(start, size, request, body);
    } else this.#putLength(start, 0);
    this.#word(start, word.FLAGS, flags);
    this.#close(start, constants.event.REQUEST, size);
  }

  putEvent(
    type: 'ABORTED' | 'WRITABLE' | 'BODY_END',
    slot = 1,
    generation = 1,
    argument = 0,
  ): void {
    const start = this.#open();
    this.#word(start, 1, slot);
    this.#word(start, 2, generation);
    this.#word(start, 3, argument);
    this.#close(start, constants.event[type], 16);
  }

  putBody(bytes: Buffer, slot = 1, generation = 1): void {
    const start = this.#open();
    this.#word(start, 1, slot);
    this.#word(start, 2, generation);
    this.#word(start, 3, bytes.length);
    this.#bytes.set(bytes, start + 16);
    this.#close(start, constants.event.BODY, 16 + bytes.length);
  }

  /** The operations on one request. */
  of(slot: number, generation = 1): Operation[] {
    return this.operations.filter((o) => o.slot === slot && o.generation === generation);
  }

  /** Everything that was sent as the body of one request. */
  bodyOf(slot: number): string {
    return Buffer.concat(this.of(slot).map((operation) => operation.body)).toString();
  }

  flush(bytes: number): void {
    this.flushes += 1;
    this.#decode(bytes);
  }

  retain(bytes: Uint8Array): number {
    return this.retained.push(bytes);
  }

  takeBody(slot: number): Buffer | undefined {
    const body = this.memoryBodies.get(slot);
    this.memoryBodies.delete(slot);
    return body;
  }

  start(): void {}
  adoptQueue(): void {}
  beginLater(): void {
    this.begunLater += 1;
  }
  releaseQueue(): void {}

  holdQueues(): void {}
  drain(_othersGoOn: boolean): void {}
  stop(): void {}
  counters(): never {
    throw new Error('a fake core counts nothing');
  }

  #putBody(start: number, size: number, request: FakeRequest, body: FakeBody): number {
    const { requestWord: word } = constants;
    if (body.kind === 'STREAM') {
      this.#word(start, word.BODY_LOW, TWO_32 - 1);
      this.#word(start, word.BODY_HIGH, TWO_32 - 1);
      return size;
    }
    this.#putLength(start, body.kind === 'FILE' ? body.length : body.bytes.length);
    if (body.kind === 'MEMORY') this.memoryBodies.set(request.slot ?? 1, body.bytes);
    if (body.kind === 'FILE') this.#word(start, word.BODY_AT, body.fd);
    if (body.kind !== 'INLINE') return size;
    this.#word(start, word.BODY_AT, size);
    this.#bytes.set(body.bytes, start + size);
    return size + body.bytes.length;
  }

  #putLength(start: number, length: number): void {
    this.#word(start, constants.requestWord.BODY_LOW, length % TWO_32);
    this.#word(start, constants.requestWord.BODY_HIGH, Math.floor(length / TWO_32));
  }

  #open(): number {
    return this.#at;
  }

  #close(start: number, type: number, size: number): void {
    const padded = (size + 7) & ~7;
    this.#word(start, 0, (type << 24) | padded);
    this.#at = start + padded;
  }

  #word(start: number, index: number, value: number): void {
    this.#words[start / 4 + index] = value;
  }

  #decode(bytes: number): void {
    const view = new DataView(this.outbox);
    for (let at = 0; at < bytes;) {
      const size = view.getUint32(at, true) & 0xffffff;
      this.operations.push(this.#operation(view, at));
      at += size;
    }
  }

  #operation(view: DataView, at: number): Operation {
    const { opWord: word, op } = constants;
    const get = (index: number): number => view.getUint32(at + index * 4, true);
    const type = get(0) >>> 24;
    const name = (Object.keys(op) as (keyof typeof op)[]).find((key) => op[key] === type);
    if (name === undefined) throw new Error(`no operation has the number ${type}`);
    const [low, high] = [get(word.DECLARED_LOW), get(word.DECLARED_HIGH)];
    const data = at + word.DATA * 4;
    const headLength = get(word.HEAD_LENGTH);
    const bodyLength = get(word.BODY_LENGTH);
    const bodyAt = data + headLength;
    const body =
      name === 'REF'
        ? Buffer.from(this.retained[get(word.HEAD) - 1] ?? [])
        : Buffer.from(
            this.outbox.slice(bodyAt, name === 'READ_BODY' ? bodyAt : bodyAt + bodyLength),
          );
    return {
      op: name,
      slot: get(word.SLOT),
      generation: get(word.GENERATION),
      status: get(word.STATUS) & 0xffff,
      flags: get(word.STATUS) >>> 16,
      head: get(word.HEAD),
      headText: Buffer.from(this.outbox.slice(data, data + headLength)).toString('latin1'),
      declared: low === TWO_32 - 1 && high === TWO_32 - 1 ? -1 : low + high * TWO_32,
      fields: get(word.FIELDS),
      bodyLength,
      body,
      offset: name === 'FILE' ? get(word.DATA) + get(word.DATA + 1) * TWO_32 : 0,
    };
  }
}
