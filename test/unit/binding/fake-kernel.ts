import type { BindOptions, BindUnixOptions, BoundListener } from '../../../src/binding/native.js';

export function errno(code: string, syscall = 'bind'): Error {
  return Object.assign(new Error(`${syscall}: ${code}`), { code, syscall });
}

type OpenListener = BoundListener & { readonly reusePort: boolean };

/** The kernel's rules for addresses, as far as binding uses them. */
export class FakeKernel {
  readonly open = new Map<number, OpenListener>();
  readonly calls: BindOptions[] = [];
  readonly unixCalls: BindUnixOptions[] = [];
  /** What inherited descriptors are. */
  readonly passed = new Map<number, OpenListener>();
  failAt = Infinity;
  failure = 'EMFILE';
  #nextFd = 10;
  #nextPort = 40_000;

  bindListener(options: BindOptions): BoundListener {
    this.calls.push(options);
    if (this.calls.length >= this.failAt) throw errno(this.failure);
    const { host, reusePort } = options;
    const port = options.port === 0 ? this.#nextPort++ : options.port;
    const clash = [...this.open.values()].some(
      (other) => other.port === port && !(other.reusePort && reusePort),
    );
    if (clash) throw errno('EADDRINUSE');
    return this.#keep({ family: host.includes(':') ? 'ipv6' : 'ipv4', host, port }, reusePort);
  }

  bindUnixListener(options: BindUnixOptions): BoundListener {
    this.unixCalls.push(options);
    const host = `${options.abstractName ? '@' : ''}${options.name}`;
    const taken = [...this.open.values()].some((other) => other.host === host);
    if (taken) throw errno('EADDRINUSE', 'connect');
    return this.#keep({ family: 'unix', host, port: 0 }, false);
  }

  adoptListener(fd: number): BoundListener {
    const listener = this.passed.get(fd);
    if (listener === undefined) throw errno('ENOTSOCK', 'socket type');
    this.open.set(fd, listener);
    return listener;
  }

  closeListener(fd: number): void {
    if (!this.open.delete(fd)) throw new Error(`fd ${fd} is not open`);
  }

  /** A socket that somebody else bound, passed as this descriptor. */
  pass(
    fd: number,
    family: BoundListener['family'],
    host: string,
    port = 0,
    reusePort = false,
  ): void {
    this.passed.set(fd, { fd, family, host, port, reusePort });
  }

  #keep(listener: Omit<BoundListener, 'fd'>, reusePort: boolean): BoundListener {
    const fd = this.#nextFd++;
    this.open.set(fd, { ...listener, fd, reusePort });
    return { ...listener, fd };
  }
}
