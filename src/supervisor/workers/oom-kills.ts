import { readFileSync } from 'node:fs';

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Where the kernel counts OOM kills of our cgroup: version 2, in a container or below the root, then version 1. */
function counterFiles(): string[] {
  const membership = readText('/proc/self/cgroup') ?? '';
  const unified = /^0::(\/.*)$/m.exec(membership)?.[1] ?? '/';
  const memory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(membership)?.[1] ?? '/';
  return [
    `/sys/fs/cgroup${unified}/memory.events`,
    '/sys/fs/cgroup/memory.events',
    `/sys/fs/cgroup/memory${memory}/memory.oom_control`,
    '/sys/fs/cgroup/memory/memory.oom_control',
  ];
}

/** Processes of our cgroup that were killed for lack of memory, ever; undefined where the kernel does not say. */
export function countOomKills(files: readonly string[] = counterFiles()): number | undefined {
  for (const file of files) {
    const count = /^oom_kill (\d+)$/m.exec(readText(file) ?? '')?.[1];
    if (count !== undefined) return Number(count);
  }
  return undefined;
}

/** Kills since the last look: whichever process dies next is taken for their victim. */
export class OomKillCount {
  readonly #count: () => number | undefined;
  #seen: number;

  constructor(count: () => number | undefined) {
    this.#count = count;
    this.#seen = count() ?? 0;
  }

  fresh(): number {
    const total = this.#count() ?? 0;
    const fresh = total - this.#seen;
    this.#seen = total;
    return fresh;
  }
}
