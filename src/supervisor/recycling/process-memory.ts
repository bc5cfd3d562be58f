import { readFileSync } from 'node:fs';
import type { WorkerMemory } from './recycling.js';

/** What `/proc/PID/status` says; undefined when the process is gone. */
export function processMemory(pid: number): WorkerMemory | undefined {
  const status = read(`/proc/${pid}/status`);
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  const total = /^VmSize:\s+(\d+) kB/m.exec(status)?.[1];
  if (resident === undefined || total === undefined) return undefined;
  return { residentBytes: Number(resident) * 1024, addressSpaceBytes: Number(total) * 1024 };
}

/** Where a process is in the kernel; `?` where that cannot be read. */
export interface KernelState {
  /** As ps(1) has it: R runs, S sleeps, D waits for a device, T is stopped by a signal, t by a debugger, Z is dead. */
  readonly state: string;
  /** System call of its first thread: number and arguments, or `running`. */
  readonly syscall: string;
  /** What that thread waits for. */
  readonly wchan: string;
}

export function kernelState(pid: number): KernelState {
  // The name in parentheses may hold anything, so the last parenthesis ends it.
  const state = /^.*\) (\S)/s.exec(read(`/proc/${pid}/stat`))?.[1];
  return {
    state: state ?? '?',
    syscall: read(`/proc/${pid}/syscall`).trim() || '?',
    wchan: read(`/proc/${pid}/wchan`).trim() || '?',
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
