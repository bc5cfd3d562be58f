import { readFileSync } from 'node:fs';

const SOMAXCONN = '/proc/sys/net/core/somaxconn';

/** The kernel's upper limit for an accept queue; undefined where it cannot be read. */
export function kernelQueueLimit(path = SOMAXCONN): number | undefined {
  try {
    const limit = Number.parseInt(readFileSync(path, 'latin1'), 10);
    return Number.isNaN(limit) ? undefined : limit;
  } catch {
    return undefined;
  }
}

/** A sentence for the log where the kernel cuts `--listen` down; undefined where it does not. */
export function queueLimitWarning(backlog: number, limit = kernelQueueLimit()): string | undefined {
  if (limit === undefined || backlog <= limit) return undefined;
  return (
    `listen queue of ${backlog} connections was asked for, the kernel allows ${limit}: raise it with ` +
    `sysctl -w net.core.somaxconn=${backlog}, or set --listen ${limit}`
  );
}
