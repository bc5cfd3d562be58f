/**
 * `environ['tsuwsgi.signal']`. A real AbortSignal costs more than everything else the gateway does
 * for a small request, and few applications look at it: so requests carry a proxy that becomes a
 * real one when it is first used.
 */
import { inspect } from 'node:util';

/** One request's cancellation. */
export interface RequestSignal {
  /** What the application sees. */
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

/** Methods of AbortSignal check their receiver, so they are bound to the real one. */
const handler: ProxyHandler<LazyRequestSignal> = {
  get(target, key) {
    const signal = target.real();
    const value: unknown = Reflect.get(signal, key, signal);
    return typeof value === 'function' ? (value.bind(signal) as unknown) : value;
  },
  set(target, key, value) {
    const signal = target.real();
    return Reflect.set(signal, key, value, signal);
  },
  has: (target, key) => Reflect.has(target.real(), key),
  getPrototypeOf: () => AbortSignal.prototype,
  ownKeys: (target) => Reflect.ownKeys(target.real()),
  getOwnPropertyDescriptor(target, key) {
    const descriptor = Reflect.getOwnPropertyDescriptor(target.real(), key);
    // The target does not have the property, so a proxy may only report it as configurable.
    return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
  },
  defineProperty: (target, key, descriptor) =>
    Reflect.defineProperty(target.real(), key, descriptor),
  deleteProperty: (target, key) => Reflect.deleteProperty(target.real(), key),
};

/** The proxy's target: makes the real controller when somebody asks for it. */
class LazyRequestSignal implements RequestSignal {
  #controller: AbortController | undefined = undefined;
  #reason: Error | undefined = undefined;
  readonly signal = new Proxy(this, handler) as unknown as AbortSignal;

  real(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }

  /** console.log looks for this at a proxy's target, and calls it on the proxy. */
  [inspect.custom](this: AbortSignal): string {
    return `AbortSignal { aborted: ${this.aborted} }`;
  }
}

class RealRequestSignal implements RequestSignal {
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }
}

/**
 * Node 26 checks an internal brand in AbortSignal.any, which a proxy cannot have; creating a real
 * one is cheap there.
 */
function acceptsProxies(): boolean {
  try {
    AbortSignal.any([new LazyRequestSignal().signal]);
    return true;
  } catch {
    return false;
  }
}

const RequestSignalClass: new () => RequestSignal = acceptsProxies()
  ? LazyRequestSignal
  : RealRequestSignal;

export function createRequestSignal(): RequestSignal {
  return new RequestSignalClass();
}
