/**
 * The lines every server prints when it starts, with a master or without. Their wording follows uWSGI where it prints
 * the same fact, because log parsers look for it.
 */
import { availableParallelism, hostname, machine, release, type as systemName } from 'node:os';
import { ctime, type Logger } from './logger.js';

/** One bound address. `fds` are its sockets. */
export interface SocketFact {
  readonly family: 'tcp' | 'unix';
  readonly protocol: string;
  /** Numeric, or a UNIX socket's name. */
  readonly host: string;
  readonly port: number;
  readonly autoPort: boolean;
  readonly inherited: boolean;
  readonly fds: readonly number[];
}

export interface ModeFacts {
  /** 0: there is a router alone. */
  readonly processes: number;
  /** I/O threads of each worker; 1: the I/O loop runs on the JS thread. */
  readonly threads: number;
}

/** As the system has set them: numbers, `unlimited`, or `unknown`. */
export interface ProcessLimits {
  readonly openFiles: string;
  /** Processes and threads of the user. */
  readonly processes: string;
  /** Bytes of a page of memory. */
  readonly page: string;
}

export interface StartFacts extends ModeFacts {
  readonly version: string;
  readonly limits: ProcessLimits;
  readonly master: boolean;
  readonly backlog: number;
  readonly mercySeconds: number;
  readonly sockets: readonly SocketFact[];
}

export function operationalMode({ processes, threads }: ModeFacts): string {
  if (processes === 0) return 'no-workers';
  if (processes > 1) return threads > 1 ? 'preforking+threaded' : 'preforking';
  return threads > 1 ? 'threaded' : 'single process';
}

/** `fd 3` for one socket, `fds 3-10` for several in a row. */
export function describeFds(fds: readonly number[]): string {
  const [first] = fds;
  const last = fds.at(-1);
  if (first === undefined || last === undefined) return 'no fd';
  if (fds.length === 1) return `fd ${first}`;
  const inARow = fds.every((fd, index) => fd === first + index);
  return inARow ? `fds ${first}-${last}` : `fds ${fds.join(',')}`;
}

const displayHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** uWSGI's words: `INET` where the socket was inherited, `TCP` where it was bound. */
export function socketLine(index: number, socket: SocketFact): string {
  const { protocol, family, inherited } = socket;
  const unix = family === 'unix';
  const address = unix ? socket.host : `${displayHost(socket.host)}:${socket.port}`;
  const kind = unix ? 'UNIX' : inherited ? 'INET' : 'TCP';
  const auto = socket.autoPort ? ' (port auto-assigned)' : '';
  const what = `${inherited ? 'inherited' : 'bound to'} ${kind} address ${address}${auto}`;
  return `${protocol} socket ${index} ${what} ${describeFds(socket.fds)}`;
}

/** The directory may have been deleted since the shell went there. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '(deleted)';
  }
}

function banner(logger: Logger, { version, limits }: StartFacts): void {
  const { node, v8, modules } = process.versions;
  logger.fact(`*** Starting tsuwsgi-native ${version} (64bit) on [${ctime(new Date())}] ***`, {
    version,
  });
  logger.fact(`node version: ${node} (V8 ${v8}, ABI ${modules})`, { node });
  logger.fact(`os: ${systemName()}-${release()}`);
  logger.fact(`nodename: ${hostname()}`);
  logger.fact(`machine: ${machine()}`);
  logger.fact(`detected number of CPU cores: ${availableParallelism()}`);
  logger.fact(`current working directory: ${workingDirectory()}`);
  logger.fact(`detected binary path: ${process.execPath}`);
  logger.fact(`your processes number limit is ${limits.processes}`);
  logger.fact(`your memory page size is ${limits.page} bytes`);
  logger.fact(`detected max file descriptor number: ${limits.openFiles}`);
}

/** Version, machine, sockets, limits and mode: once, when the sockets are bound. */
export function logStartFacts(logger: Logger, facts: StartFacts): void {
  banner(logger, facts);
  if (!facts.master) {
    logger.fact('running without a master process: nothing restarts the worker when it dies');
  }
  facts.sockets.forEach((socket, index) => {
    logger.fact(socketLine(index, socket), { socket: index, ...socket });
  });
  logger.fact(`your server socket listen backlog is limited to ${facts.backlog} connections`);
  const mercy = facts.mercySeconds === 0 ? 'without limit' : `${facts.mercySeconds} seconds`;
  logger.fact(`your mercy for graceful operations on workers is ${mercy}`);
  const mode = operationalMode(facts);
  logger.fact(`*** Operational MODE: ${mode} ***`, {
    mode,
    processes: facts.processes,
    threads: facts.threads,
  });
}

/** Once, when every worker answers requests for the first time. Service managers and tests wait for this line. */
export function logAllReady(logger: Logger, workers: number): void {
  logger.fact(`*** all workers are ready (${workers}) ***`, { workers });
}
