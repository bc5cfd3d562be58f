import type { AbortCause } from '../app/errors.js';
import { RequestAbortedError } from '../app/errors.js';
import type { Environ, Header } from '../app/types.js';
import type { Gateway, LiveExchange } from '../worker/gateway/gateway.js';
import { RequestInput } from '../worker/gateway/input-stream.js';
import type { RequestBody } from '../worker/gateway/request-body.js';
import { BackendCall, type BackendFailure, type CallObserver } from './backend-call.js';
import type { Backend } from './backend-pool.js';
import { ClientResponse } from './client-response.js';
import { PACKET_TOO_LARGE, refusalFor, type Refusal, TEXT_HEADERS } from './refusals.js';
import type { RouterLog } from './router-log.js';
import { requestVariables } from './request-variables.js';
import type { BackendHead } from './response-head-parser.js';
import { mayRetry } from './retry-rule.js';
import type { RouterSettings } from './router-settings.js';
import { encodePacket } from './uwsgi-packet.js';

const NO_PACKET = Buffer.alloc(0);
/** What the client gets. */
const STATUS: Readonly<Record<BackendFailure['kind'], string>> = {
  broken: '502 Bad Gateway',
  timeout: '504 Gateway Timeout',
  busy: '503 Service Unavailable',
};

/**
 * One request on its way through the router: packed once, tried at one backend after the other where that is safe, its
 * response passed on or refused. Never throws.
 */
export class RoutedRequest implements LiveExchange, CallObserver {
  readonly slot: number;
  readonly generation: number;
  readonly input: RequestInput;
  readonly #gateway: Gateway;
  readonly #settings: RouterSettings;
  readonly #environ: Environ;
  readonly #body: RequestBody;
  readonly #response: ClientResponse;
  readonly #unreachable = new Set<Backend>();
  readonly #log: RouterLog;
  #packet: Buffer = NO_PACKET;
  #backend: Backend | undefined;
  /** Of the last one that was taken. */
  #backendName = '';
  #call: BackendCall | undefined;
  #connected = false;
  #connectRetries = 0;
  #replays = 0;

  constructor(
    settings: RouterSettings,
    gateway: Gateway,
    slot: number,
    generation: number,
    environ: Environ,
    body: RequestBody,
  ) {
    this.#settings = settings;
    this.#log = settings.log;
    this.#gateway = gateway;
    this.slot = slot;
    this.generation = generation;
    this.#environ = environ;
    this.#body = body;
    this.input = new RequestInput(body);
    this.#response = new ClientResponse({
      gateway,
      slot,
      generation,
      method: environ.REQUEST_METHOD,
      budget: settings.budget,
      close: settings.closeAlways,
      onRoom: () => this.#call?.resume(),
      onOver: () => this.#over(),
    });
    gateway.exchanges.add(this);
  }

  start(): void {
    const refusal = refusalFor(this.#environ, this.#body);
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    const length = bodyLength(this.#environ, this.#body);
    const variables = requestVariables(this.#environ, length, this.#settings.variables);
    const { modifiers, blockBytes } = this.#settings;
    const packet = encodePacket(variables, modifiers, blockBytes);
    if (packet === undefined) {
      this.#refuse(PACKET_TOO_LARGE);
      return;
    }
    this.#packet = packet;
    const backend = this.#settings.pool.take(this.#unreachable);
    if (backend === undefined) this.#unavailable();
    else this.#send(backend);
  }

  /** The core: the client took what was written. */
  writable(): void {
    this.#response.writable();
  }

  /** The core: the request is gone. */
  abort(cause: AbortCause): void {
    this.input.abort(new RequestAbortedError(cause));
    this.#call?.destroy();
    this.#giveBack();
    this.#response.abandon();
  }

  connected(): void {
    const backend = this.#backend as Backend;
    this.#connected = true;
    if (this.#settings.pool.reached(backend)) this.#log.isBack(backend);
  }

  head(head: BackendHead): boolean {
    const bodyFollows = this.#response.begin(head);
    if (!bodyFollows) this.#giveBack();
    return bodyFollows;
  }

  data(chunk: Buffer): boolean {
    return this.#response.write(chunk);
  }

  ended(): void {
    this.#giveBack();
    this.#response.end();
  }

  overlong(declared: number): void {
    this.#log.overlong(this.#environ, this.#backendName, declared);
  }

  failed(failure: BackendFailure): void {
    const backend = this.#backend as Backend;
    const { stage, kind } = failure;
    if (stage === 'connect' && kind !== 'busy') {
      this.#settings.pool.failed(backend, kind === 'timeout');
    }
    this.#giveBack();
    if (this.#response.over) return;
    if (this.#response.begun) {
      this.#log.cut(this.#environ, backend, failure.reason);
      this.#response.cut();
      return;
    }
    const next = this.#mayRetry(failure) ? this.#nextAfter(backend, failure) : undefined;
    if (next === undefined) {
      const status = STATUS[kind];
      this.#log.failed(this.#environ, status, backend, failure.reason);
      this.#respond(status, kind === 'busy' ? this.#retryAfter() : []);
    } else {
      this.#log.retried(this.#environ, backend, next, failure.reason);
      this.#send(next);
    }
  }

  /** Keeps count of the retries it allows. */
  #mayRetry({ stage }: BackendFailure): boolean {
    const allowed = mayRetry({
      stage,
      method: this.#environ.REQUEST_METHOD,
      replayable: this.#body.kind === 'buffered',
      connectRetries: this.#connectRetries,
      replays: this.#replays,
    });
    if (stage === 'connect') this.#connectRetries += 1;
    else this.#replays += 1;
    return allowed;
  }

  /** A backend that was reached may be asked again where nobody else is left: another worker may answer there. */
  #nextAfter(backend: Backend, { stage }: BackendFailure): Backend | undefined {
    const { pool } = this.#settings;
    if (stage === 'connect') this.#unreachable.add(backend);
    const others = pool.take(new Set([...this.#unreachable, backend]));
    return others ?? (stage === 'connect' ? undefined : pool.take(this.#unreachable));
  }

  #send(backend: Backend): void {
    const { connectTimeoutMs, timeoutMs } = this.#settings;
    const { address } = backend;
    const [packet, body] = [this.#packet, this.#body];
    this.#connected = false;
    this.#backend = backend;
    this.#backendName = backend.name;
    this.#call = new BackendCall({ address, packet, body, connectTimeoutMs, timeoutMs }, this);
  }

  #giveBack(): void {
    const { pool } = this.#settings;
    if (this.#backend !== undefined) pool.release(this.#backend, this.#connected);
    this.#backend = undefined;
  }

  #unavailable(): void {
    this.#log.unavailable(this.#environ);
    this.#respond(STATUS.busy, this.#retryAfter());
  }

  #retryAfter(): readonly Header[] {
    const seconds = this.#settings.retryAfterSeconds;
    return seconds === 0 ? [] : [['Retry-After', String(seconds)]];
  }

  #refuse({ status, reason }: Refusal): void {
    this.#log.refused(this.#environ, status, reason);
    this.#respond(status, []);
  }

  #respond(status: string, headers: readonly Header[]): void {
    this.#response.respond(status, [...TEXT_HEADERS, ...headers], `${status.slice(4)}\n`);
  }

  /** The response is complete or cannot be: events for this slot are another request's from now on. */
  #over(): void {
    this.#gateway.exchanges.delete(this);
    this.input.close();
  }
}

/**
 * Undefined: the request has no body at all. A chunked one arrives decoded, so its length is known where it is buffered.
 */
function bodyLength(environ: Environ, body: RequestBody): number | undefined {
  const declared = environ.CONTENT_LENGTH;
  if (body.kind === 'streamed') return Number(declared);
  const none =
    body.length === 0 && declared === undefined && environ['HTTP_TRANSFER_ENCODING'] === undefined;
  return none ? undefined : body.length;
}
