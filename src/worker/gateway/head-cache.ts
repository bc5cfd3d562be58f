import { GatewayError } from '../../app/errors.js';
import type { Header } from '../../app/types.js';
import { UNDECLARED, type Outbox } from './outbox.js';
import { checkHead, parseLength, type HeadFlags, type ResponseHead } from './response-head.js';

/** A power of two, as the core's `maxHeads`. */
const SLOTS = 64;
/** Then the ids begin anew; they stay below 2^32. */
const MOST_DEFINITIONS = 2 ** 24;

/** A head seen lately, with what the application passed for it. */
interface CachedHead extends ResponseHead {
  id: number;
  readonly status: string;
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly lengthIndex: number;
}

/**
 * Recognises heads that were sent before, so that they need no check and no encoding: the second
 * use of a head tells it to the core, later uses send its number. Content-Length is not part of the
 * identity. Direct-mapped by lengths, which cost nothing to read.
 */
export class HeadCache {
  /** Content-Length of the last head that was looked up. */
  declared = UNDECLARED;
  readonly #outbox: Outbox;
  readonly #flags: HeadFlags;
  readonly #slots: (CachedHead | undefined)[];
  readonly #mask: number;
  #definitions = 0;

  constructor(outbox: Outbox, flags: HeadFlags, maxHeads: number) {
    this.#outbox = outbox;
    this.#flags = flags;
    const slots = Math.min(SLOTS, maxHeads);
    this.#slots = new Array<CachedHead | undefined>(slots).fill(undefined);
    this.#mask = slots - 1;
  }

  /** The encoded head of `status` and `headers`; throws a GatewayError where they are not valid. */
  lookup(status: string, headers: readonly Header[]): ResponseHead {
    const index = this.#index(status, headers);
    const cached = index < 0 ? undefined : this.#slots[index];
    if (cached === undefined || !matches(cached, status, headers)) {
      return this.#insert(index, status, headers);
    }
    const at = cached.lengthIndex;
    this.declared = at < 0 ? UNDECLARED : parseLength((headers[at] as Header)[1]);
    if (cached.id === 0) this.#define(cached, index);
    return cached;
  }

  /**
   * The core keeps a head in the place `id % maxHeads`, and every definition has an id of its own: a number stands for
   * one head, or for none. It is used only when the outbox has the definition.
   */
  #define(head: CachedHead, index: number): void {
    this.#definitions = (this.#definitions % MOST_DEFINITIONS) + 1;
    const id = this.#definitions * this.#slots.length + index;
    this.#outbox.defineHead(id, head);
    head.id = id;
  }

  /** Where this head would be; -1 where it cannot be a valid one. */
  #index(status: string, headers: readonly Header[]): number {
    if (typeof status !== 'string' || !Array.isArray(headers)) return -1;
    let hash = status.length + headers.length * 3;
    for (let i = 0; i < headers.length; i++) {
      const header = headers[i] as readonly unknown[] | null | undefined;
      if (header === null || header === undefined || header.length !== 2) return -1;
      const value = header[1];
      if (typeof value !== 'string') return -1;
      hash = (hash * 5 + value.length) | 0;
    }
    return hash & this.#mask;
  }

  #insert(index: number, status: string, headers: readonly Header[]): ResponseHead {
    const head = checkHead(status, headers, this.#flags);
    checkSize(head.bytes.length, this.#outbox.mostHeadBytes);
    this.declared = head.declared;
    const names = headers.map((header) => header[0]);
    const values = headers.map((header) => header[1]);
    const { code, flags, bytes, fields, lengthIndex } = head;
    const entry = { code, flags, bytes, fields, id: 0, status, names, values, lengthIndex };
    // Requests that are still being answered hold the head that leaves: its number will soon mean nothing to the core.
    const leaving = this.#slots[index];
    if (leaving !== undefined) leaving.id = 0;
    this.#slots[index] = entry;
    return entry;
  }
}

function checkSize(bytes: number, most: number): void {
  if (bytes <= most) return;
  throw new GatewayError(
    'ERR_TSUWSGI_HEADER',
    `the response head has ${bytes} bytes: no more than ${most} can be sent`,
  );
}

function matches(cached: CachedHead, status: string, headers: readonly Header[]): boolean {
  if (cached.status !== status || cached.names.length !== headers.length) return false;
  for (let i = 0; i < headers.length; i++) {
    const header = headers[i] as Header;
    if (cached.names[i] !== header[0]) return false;
    if (cached.values[i] !== header[1] && i !== cached.lengthIndex) return false;
  }
  return true;
}
