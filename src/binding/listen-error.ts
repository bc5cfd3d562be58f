import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SocketAddress, TcpAddress, UnixAddress } from '../config/address.js';
import { ListenError } from '../errors.js';
import { openFilesLimit } from './process-limits.js';

/** What was being bound when it failed. */
export interface BindAttempt {
  readonly slots: number;
  readonly loopsPerSlot: number;
  /** TCP addresses, which have a socket for every slot and loop. */
  readonly tcpCount: number;
  /** Sockets that were bound before. */
  readonly bound: number;
}

/** What the system said. */
interface Refusal {
  readonly code: string;
  readonly syscall: string;
}

function tooManyFiles(attempt: BindAttempt): string {
  const needed = attempt.slots * attempt.loopsPerSlot * attempt.tcpCount;
  return (
    `${needed} listening sockets are needed (${attempt.slots} processes × ${attempt.loopsPerSlot} I/O loops × ` +
    `${attempt.tcpCount} TCP addresses), the limit of open files is ${openFilesLimit()} and was reached after ` +
    `${attempt.bound}: raise it (ulimit -n, LimitNOFILE= in systemd), or use fewer processes or threads`
  );
}

function tcpAdvice(address: TcpAddress, code: string): string | undefined {
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

const CHOOSE_ANOTHER = 'stop it, or choose another path';

function unixAdvice({ name, abstractName }: UnixAddress, refusal: Refusal): string | undefined {
  const { code, syscall } = refusal;
  if (syscall === 'chown')
    return `its owner cannot be changed (${code}): only root gives files away; start as root, or leave --chown-socket out, and --uid and --gid`;
  switch (code) {
    case 'EADDRINUSE':
      return abstractName
        ? "another server listens under that name (ss -lxp 'src @*' shows who): stop it, or choose another name"
        : `another server listens there (ss -lxp shows who): ${CHOOSE_ANOTHER}`;
    case 'EALREADY':
      return `another server is starting there at this moment: ${CHOOSE_ANOTHER}`;
    case 'EPROTOTYPE':
      return `another program uses that socket, for datagrams: ${CHOOSE_ANOTHER}`;
    case 'ENOTSOCK':
      return 'the file is not a socket and is not overwritten: remove it, or choose another path';
    case 'ENOENT':
    case 'ENOTDIR':
      return `the directory ${dirname(name)} does not exist: create it, or choose another path`;
    case 'EROFS':
      return `${dirname(name)} is on a read-only file system: choose another path, for example below /run`;
    case 'EACCES':
    case 'EPERM':
      return unixDenied(name, syscall);
    default:
      return undefined;
  }
}

function unixDenied(name: string, syscall: string): string {
  if (syscall === 'connect')
    return 'permission denied to a socket of another user, who may be listening: remove the file if nobody is, or choose another path';
  if (syscall === 'unlink')
    return 'permission denied to remove the socket that a server left there: remove it, or start as the user it belongs to';
  return `permission denied: the user of this server may not create files in ${dirname(name)}; change the directory's owner or mode, or choose another`;
}

/** Turns a failed bind into a sentence that says what to do; anything else passes through as it is. */
export function listenError(address: SocketAddress, cause: unknown, attempt: BindAttempt): unknown {
  const { code, syscall = '' } = (cause ?? {}) as NodeJS.ErrnoException;
  if (cause instanceof ListenError || typeof code !== 'string') return cause;
  const sentence = advice(address, { code, syscall }, attempt) ?? `the system refused (${code})`;
  return new ListenError(`cannot listen on ${address.text}: ${sentence}`, { cause });
}

function advice(
  address: SocketAddress,
  refusal: Refusal,
  attempt: BindAttempt,
): string | undefined {
  if (refusal.code === 'EMFILE' || refusal.code === 'ENFILE') return tooManyFiles(attempt);
  if (address.kind === 'tcp') return tcpAdvice(address, refusal.code);
  return address.kind === 'unix' ? unixAdvice(address, refusal) : undefined;
}
