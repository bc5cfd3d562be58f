/** Reads the process table. Only what Linux's /proc says; nothing is cached. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** State of a listening socket in /proc/net/tcp. */
const LISTENING = '0A';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** One letter as in ps(1): R, S, D, T, Z … */
  readonly state: string;
  readonly command: string;
}

/** undefined when there is no such process. */
export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    // The name in brackets may hold spaces and brackets; what follows the last bracket has neither.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(parent), state, command };
  } catch {
    return undefined;
  }
}

export function allProcesses(): ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processFacts(Number(name)))
    .filter((facts) => facts !== undefined);
}

/** Children of a process, zombies included. */
export function childrenOf(pid: number): ProcessFacts[] {
  return allProcesses().filter(({ parent }) => parent === pid);
}

/** Whether the process runs or could run: a zombie does not count. */
export function isAlive(pid: number): boolean {
  const facts = processFacts(pid);
  return facts !== undefined && facts.state !== 'Z' && facts.state !== 'X';
}

/** Whether every thread of the process is stopped: SIGSTOP is sent at once and takes effect a little later. */
export function isStopped(pid: number): boolean {
  return listDirectory(`/proc/${pid}/task`).every((thread) => {
    const facts = processFacts(Number(thread));
    return facts === undefined || facts.state === 'T';
  });
}

/** Open descriptors of a process with what they refer to; empty when it is gone. */
export function openFiles(pid: number | 'self'): Map<number, string> {
  const files = new Map<number, string>();
  for (const name of listDirectory(`/proc/${pid}/fd`)) {
    try {
      files.set(Number(name), readlinkSync(`/proc/${pid}/fd/${name}`));
    } catch {
      // Closed since the directory was read; the descriptor that reads the directory is always among these.
    }
  }
  return files;
}

/** Connections of a process to clients of its TCP port. */
export function connectionsTo(port: number, pid: number): number {
  const held = new Set(openFiles(pid).values());
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((path) => readFileSync(path, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = '', , state]) => address.endsWith(local) && state !== LISTENING)
    .filter((fields) => held.has(`socket:[${fields[9]}]`)).length;
}

/** How many connections wait to be accepted in each queue of a TCP port of 127.0.0.1. */
export function backlogsOf(port: number): number[] {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local === address && state === LISTENING)
    .map(([, , , , sizes = '']) => Number.parseInt(sizes.split(':')[1] ?? '', 16));
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Resident memory in bytes; 0 when the process is gone. */
export function residentBytes(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(
      readFileSync(`/proc/${pid}/status`, 'latin1'),
    )?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
