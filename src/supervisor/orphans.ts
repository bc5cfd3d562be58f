/**
 * Process 1 of a container inherits every process whose parent died, and has to take their exit statuses or they stay as
 * zombies for ever. Node takes those of its own children only.
 */
import { readdirSync, readFileSync } from 'node:fs';

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

/** The fields of /proc/PID/stat before and after the name, which may hold spaces and brackets itself. */
export function parseStat(stat: string): ProcessStat | undefined {
  const match = /^(\d+) \(.*\) (\S) (\d+) /s.exec(stat);
  if (match === null) return undefined;
  return { pid: Number(match[1]), state: match[2] ?? '', parent: Number(match[3]) };
}

function readStat(pid: string): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

function zombieChildren(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat)
    .filter((stat) => stat !== undefined)
    .filter(({ state, parent }) => state === 'Z' && parent === process.pid)
    .map(({ pid }) => pid);
}

/** Reaps orphans at every SIGCHLD until the returned function is called. `ownChildren`: those that Node reaps. */
export function reapOrphans(
  ownChildren: () => ReadonlySet<number>,
  reapChild: (pid: number) => boolean,
): () => void {
  const reap = (): void => {
    const own = ownChildren();
    for (const pid of zombieChildren()) if (!own.has(pid)) reapChild(pid);
  };
  process.on('SIGCHLD', reap);
  return () => void process.off('SIGCHLD', reap);
}
