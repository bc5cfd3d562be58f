import { performance } from 'node:perf_hooks';
import type { BoundaryConstants, NativeAddon, NativeCore } from '../../binding/native.js';
import { RequestAbortedError, type AbortCause } from '../../app/errors.js';
import { EnvironBuilder, type WorkerFacts } from './environ.js';
import {
  ExchangeTable,
  type Gateway,
  type GatewayLog,
  type LiveExchange,
  type ServeRequest,
} from './gateway.js';
import { HeadCache } from './head-cache.js';
import { MAX_WAIT_MS, Outbox, type RequestName } from './outbox.js';
import { PeerTable } from './peers.js';
import { rawBufferOver, type RawBuffer } from './raw-buffer.js';
import {
  emptyBody,
  FileBackedBody,
  MemoryBody,
  StreamedBody,
  type RequestBody,
} from './request-body.js';

export interface DispatcherOptions {
  readonly core: Pick<
    NativeCore,
    'inbox' | 'outbox' | 'flush' | 'beginLater' | 'retain' | 'takeBody'
  >;
  readonly addon: Pick<NativeAddon, 'constants' | 'environKeys'>;
  readonly serve: ServeRequest;
  readonly facts: WorkerFacts;
  readonly listeners: readonly { readonly port: number }[];
  readonly log: GatewayLog;
}

/** Words of BODY and of the events that carry a reason. */
const SLOT = 1;
const GENERATION = 2;
const ARGUMENT = 3;
const BODY_BYTES = 4;
const SIZE_MASK = 0x00ffffff;
const TYPE_SHIFT = 24;
const TWO_32 = 0x100000000;

/**
 * Reading the clock costs a twentieth of a small request, so quick requests share a look: as many as take a fraction of
 * the wait together.
 */
const LOOKS_IN_WAIT = 8;
const MOST_IN_LOOK = 8;
/**
 * Who waited this long waits for slow ones: from then on the clock is looked at after each request of the batch, and answers
 * of one connection need not leave together.
 */
const FAR_TOO_LATE_MS = 5 * MAX_WAIT_MS;

/** Turns batches of event records into calls of whatever serves requests. */
export class Dispatcher {
  readonly #core: DispatcherOptions['core'];
  readonly #serve: ServeRequest;
  readonly #gateway: Gateway;
  readonly #environs: EnvironBuilder;
  readonly #peers: PeerTable;
  readonly #words: Uint32Array;
  readonly #bytes: RawBuffer;
  readonly #event: BoundaryConstants['event'];
  readonly #request: BoundaryConstants['requestWord'];
  readonly #flag: BoundaryConstants['requestFlag'];
  readonly #kind: BoundaryConstants['bodyKind'];
  readonly #causes: ReadonlyMap<number, AbortCause>;
  #stride = 1;

  constructor(options: DispatcherOptions) {
    const { core, addon } = options;
    const { constants } = addon;
    const outbox = new Outbox(core, constants);
    this.#core = core;
    this.#serve = options.serve;
    this.#gateway = {
      outbox,
      heads: new HeadCache(outbox, constants.opFlag, constants.maxHeads),
      exchanges: new ExchangeTable(),
      log: options.log,
      highWaterBytes: constants.highWaterBytes,
    };
    this.#environs = new EnvironBuilder(core.inbox, constants, addon.environKeys, options.facts);
    this.#peers = new PeerTable(core.inbox, options.listeners);
    this.#words = new Uint32Array(core.inbox);
    this.#bytes = rawBufferOver(core.inbox);
    this.#event = constants.event;
    this.#request = constants.requestWord;
    this.#flag = constants.requestFlag;
    this.#kind = constants.bodyKind;
    this.#causes = abortCauses(constants.abortReason);
  }

  /** Requests that are not answered yet, and what became of others. */
  get exchanges(): ExchangeTable {
    return this.#gateway.exchanges;
  }

  /** The core ends this request `limitMs` from now where JavaScript cannot; Infinity: it has no limit. */
  limit(request: RequestName, limitMs: number): void {
    this.#gateway.outbox.deadline(request, limitMs);
  }

  /** Requests that are not answered yet. */
  get running(): number {
    return this.#gateway.exchanges.size;
  }

  /**
   * Handles the records in `inbox[0, bytes)`; returns the bytes of operations for the core to take
   * (NativeCore's `dispatch`).
   */
  readonly dispatch = (bytes: number): number => {
    const { outbox } = this.#gateway;
    outbox.beginDispatch();
    const end = bytes >> 2;
    const size = this.#size(0);
    if (size === end) this.#handle(0);
    else if (end > 0) this.#batch(end);
    return outbox.endDispatch();
  };

  #batch(end: number): void {
    const began = performance.now();
    let since = began;
    let handled = 0;
    let late = false;
    for (let at = 0; at < end;) {
      const record = at;
      at += this.#size(record);
      this.#handle(record);
      handled += 1;
      if (handled % this.#stride === 0) {
        const waited = performance.now() - since;
        late = waited >= MAX_WAIT_MS;
        if (waited >= FAR_TOO_LATE_MS) this.#stride = 1;
      }
      if (late && at < end && this.#mayPart(record, at)) {
        since = this.#release(at);
        late = false;
      }
    }
    this.#stride = strideFor((performance.now() - began) / handled);
  }

  /** Quick answers to one connection's requests leave together. */
  #mayPart(before: number, at: number): boolean {
    const { CONNECTION } = this.#request;
    return (
      this.#stride === 1 ||
      this.#type(before) !== this.#event.REQUEST ||
      this.#type(at) !== this.#event.REQUEST ||
      this.#words[before + CONNECTION] !== this.#words[at + CONNECTION]
    );
  }

  /** Words of the record at `at`. */
  #size(at: number): number {
    return ((this.#words[at] as number) & SIZE_MASK) >> 2;
  }

  #type(at: number): number {
    return (this.#words[at] as number) >>> TYPE_SHIFT;
  }

  /**
   * Sends what has waited too long for the rest of its batch, which begins at `at`; returns the start of the next wait.
   */
  #release(at: number): number {
    this.#gateway.outbox.flush();
    this.#core.beginLater(at * 4);
    return performance.now();
  }

  /** One record. A mistake of ours costs that request and no other of the batch. */
  #handle(at: number): void {
    try {
      this.#react(at, this.#type(at));
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#gateway.log.error(`internal error: a record could not be handled: ${String(error)}`, {
        reason: 'internal-error',
        ...(stack === undefined ? {} : { stack }),
      });
      this.#gateway.outbox.abort({
        slot: this.#words[at + SLOT] as number,
        generation: this.#words[at + GENERATION] as number,
      });
    }
  }

  #react(at: number, type: number): void {
    const event = this.#event;
    if (type === event.REQUEST) this.#run(at);
    else if (type === event.PEER) this.#peers.announce(at);
    else {
      const exchange = this.#gateway.exchanges.get(
        this.#words[at + SLOT] as number,
        this.#words[at + GENERATION] as number,
      );
      if (exchange !== undefined) this.#tell(exchange, type, at);
    }
  }

  #run(at: number): void {
    const words = this.#words;
    const request = this.#request;
    const environ = this.#environs.build(
      at,
      this.#peers.get(words[at + request.CONNECTION] as number),
    );
    this.#serve(
      this.#gateway,
      words[at + request.SLOT] as number,
      words[at + request.GENERATION] as number,
      environ,
      this.#body(at),
    );
  }

  #body(at: number): RequestBody {
    const words = this.#words;
    const flags = words[at + this.#request.FLAGS] as number;
    const kind = (flags & this.#flag.BODY_MASK) >>> this.#flag.BODY_SHIFT;
    if (kind === this.#kind.NONE) return emptyBody;
    return this.#bufferedBody(at, kind) ?? this.#streamedBody(at);
  }

  #bufferedBody(at: number, kind: number): RequestBody | undefined {
    const words = this.#words;
    const request = this.#request;
    const length =
      (words[at + request.BODY_LOW] as number) + (words[at + request.BODY_HIGH] as number) * TWO_32;
    const where = words[at + request.BODY_AT] as number;
    if (kind === this.#kind.INLINE) {
      const start = at * 4 + where;
      return MemoryBody.of(Buffer.from(this.#bytes.subarray(start, start + length)));
    }
    if (kind === this.#kind.FILE) return new FileBackedBody(where, length);
    if (kind !== this.#kind.MEMORY) return undefined;
    const slot = words[at + request.SLOT] as number;
    const generation = words[at + request.GENERATION] as number;
    return new MemoryBody(length, () => this.#core.takeBody(slot, generation));
  }

  #streamedBody(at: number): StreamedBody {
    const request = {
      slot: this.#words[at + this.#request.SLOT] as number,
      generation: this.#words[at + this.#request.GENERATION] as number,
    };
    const { outbox } = this.#gateway;
    return new StreamedBody((bytes) => outbox.readBody(request, bytes));
  }

  #tell(exchange: LiveExchange, type: number, at: number): void {
    const event = this.#event;
    const argument = this.#words[at + ARGUMENT] as number;
    if (type === event.WRITABLE) exchange.writable();
    else if (type === event.ABORTED) exchange.abort(this.#cause(argument));
    else if (type === event.BODY) {
      const start = (at + BODY_BYTES) * 4;
      exchange.input.push(Buffer.from(this.#bytes.subarray(start, start + argument)));
    } else if (type === event.BODY_END) {
      if (argument === 0) exchange.input.end();
      else exchange.input.abort(new RequestAbortedError(this.#cause(argument)));
    }
  }

  #cause(reason: number): AbortCause {
    return this.#causes.get(reason) ?? 'client-gone';
  }
}

/** How many requests of `averageMs` each are handled between two looks at the clock. */
function strideFor(averageMs: number): number {
  const fitting = Math.floor(MAX_WAIT_MS / LOOKS_IN_WAIT / averageMs);
  return Math.min(MOST_IN_LOOK, Math.max(1, fitting));
}

function abortCauses(reason: BoundaryConstants['abortReason']): ReadonlyMap<number, AbortCause> {
  return new Map([
    [reason.CLIENT, 'client-gone'],
    [reason.TIMEOUT, 'body-timeout'],
    [reason.SEND_TIMEOUT, 'send-timeout'],
    [reason.DEADLINE, 'deadline'],
    [reason.DRAINING, 'draining'],
    [reason.SHUTDOWN, 'shutdown'],
    [reason.BAD_BODY, 'bad-body'],
    [reason.BODY_TOO_LARGE, 'body-too-large'],
  ]);
}
