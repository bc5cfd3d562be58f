/**
 * Which loopback ports a process listens on, from what the kernel shows: nothing has to be parsed out of a log, and
 * nothing has to be agreed on before. Linux's /proc (proc_pid_net(5), proc_pid_fd(5)).
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
}

const LISTEN = '0A';
/** 127.0.0.1 and ::1, as these tables print them on a little-endian machine. */
const LOOPBACK = /^(?:0100007F|00000000000000000000000001000000):([0-9A-F]{4})$/;

/** Listening sockets on a loopback address in the text of /proc/net/tcp or tcp6. Pure. */
export function loopbackListeners(table: string): ListeningSocket[] {
  const found: ListeningSocket[] = [];
  for (const line of table.split('\n')) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const port = LOOPBACK.exec(local ?? '')?.[1];
    if (state !== LISTEN || port === undefined || inode === undefined) continue;
    found.push({ port: Number.parseInt(port, 16), inode });
  }
  return found;
}

/** Inodes of the sockets that a process has open. Throws where the process is gone or belongs to somebody else. */
export function socketInodes(pid: number | 'self'): Set<string> {
  const directory = `/proc/${pid}/fd`;
  const inodes = new Set<string>();
  for (const fd of readdirSync(directory)) {
    const inode = /^socket:\[(\d+)\]$/.exec(targetOf(`${directory}/${fd}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

/** A descriptor may be closed while the directory is read. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

/** Ports of sockets that a child process listens on and that it did not inherit from us. */
export function ownLoopbackPorts(pid: number): number[] {
  const listeners = ['tcp', 'tcp6'].flatMap((name) => loopbackListeners(table(pid, name)));
  if (listeners.length === 0) return [];
  const [theirs, ours] = [socketInodes(pid), socketInodes('self')];
  return listeners
    .filter(({ inode }) => theirs.has(inode) && !ours.has(inode))
    .map(({ port }) => port);
}

/** Empty where the kernel has no such table (no IPv6). */
function table(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/net/${name}`, 'latin1');
  } catch {
    return '';
  }
}
