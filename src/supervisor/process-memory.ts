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

/** In which system call a blocked process is, and what it waits for in the kernel; `?` where that cannot be read. */
export function kernelState(pid: number): { readonly syscall: string; readonly wchan: string } {
  return {
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
