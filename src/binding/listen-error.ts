import { readFileSync } from 'node:fs';
import type { SocketAddress } from '../config/address.js';
import { ListenError } from '../errors.js';

/** What was being bound when it failed. */
export interface BindAttempt {
  readonly slots: number;
  readonly loopsPerSlot: number;
  readonly addressCount: number;
  /** Sockets that were bound before. */
  readonly bound: number;
}

function openFilesLimit(): string {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return /^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function tooManyFiles(attempt: BindAttempt): string {
  const needed = attempt.slots * attempt.loopsPerSlot * attempt.addressCount;
  return (
    `${needed} listening sockets are needed (${attempt.slots} processes × ${attempt.loopsPerSlot} I/O loops × ` +
    `${attempt.addressCount} addresses), the limit of open files is ${openFilesLimit()} and was reached after ` +
    `${attempt.bound}: raise it (ulimit -n, LimitNOFILE= in systemd), or use fewer processes or threads`
  );
}

function advice(address: SocketAddress, code: string, attempt: BindAttempt): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return (
        'the address is in use, probably by another instance: stop that one, or choose another port ' +
        `(ss -ltnp 'sport = :${address.port}' shows who listens)`
      );
    case 'EACCES':
    case 'EPERM':
      return (
        `permission denied: ports below ${unprivilegedPortStart()} need root or CAP_NET_BIND_SERVICE; ` +
        'choose a higher port, or grant the capability'
      );
    case 'EADDRNOTAVAIL':
      return (
        'no network interface of this machine has the address: give one that `ip address` lists, ' +
        'or :PORT for all of them'
      );
    case 'EAFNOSUPPORT':
      return 'this machine has no IPv6: give an IPv4 address';
    case 'EMFILE':
    case 'ENFILE':
      return tooManyFiles(attempt);
    default:
      return undefined;
  }
}

function unprivilegedPortStart(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'latin1').trim();
  } catch {
    return '1024';
  }
}

/** Turns a failed bind into a sentence that says what to do; anything else passes through as it is. */
export function listenError(address: SocketAddress, cause: unknown, attempt: BindAttempt): unknown {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (typeof code !== 'string') return cause;
  const sentence = advice(address, code, attempt) ?? `the system refused (${code})`;
  return new ListenError(`cannot listen on ${address.text}: ${sentence}`, { cause });
}
