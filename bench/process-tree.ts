import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says about one process (proc(5), /proc/PID/stat). */
interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads, living and ended, in clock ticks. */
  readonly cpuTicks: number;
  readonly rssPages: number;
}

export interface TreeUsage {
  readonly processes: number;
  /** CPU time of the process and all its descendants since each of them started. */
  readonly cpuMicroseconds: number;
  readonly rssKilobytes: number;
  /** The process itself: the master, where there is one. */
  readonly rootRssKilobytes: number;
  /** The largest process below the root, or the root where it is alone: the worker. */
  readonly workerRssKilobytes: number;
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']).toString());
const pageKilobytes = Number(execFileSync('getconf', ['PAGESIZE']).toString()) / 1024;

/** undefined: the process ended between two looks. */
function readStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The command's name (field 2) may hold spaces and brackets; the fields behind it do not.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number): number => fields[number - 3] ?? 0;
  return { pid, parent: field(4), cpuTicks: field(14) + field(15), rssPages: field(24) };
}

function readAll(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined);
}

function treeOf(root: number): ProcessStat[] {
  const all = readAll();
  const tree = all.filter((stat) => stat.pid === root);
  for (const member of tree) tree.push(...all.filter((stat) => stat.parent === member.pid));
  return tree;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function readTree(root: number): TreeUsage {
  const tree = treeOf(root);
  const workers = tree.length > 1 ? tree.filter((stat) => stat.pid !== root) : tree;
  return {
    processes: tree.length,
    cpuMicroseconds: (sum(tree.map((stat) => stat.cpuTicks)) * 1e6) / ticksPerSecond,
    rssKilobytes: sum(tree.map((stat) => stat.rssPages)) * pageKilobytes,
    rootRssKilobytes: (tree.find((stat) => stat.pid === root)?.rssPages ?? 0) * pageKilobytes,
    workerRssKilobytes: Math.max(0, ...workers.map((stat) => stat.rssPages)) * pageKilobytes,
  };
}

/** The root first, then its descendants. */
export function treePids(root: number): number[] {
  return treeOf(root).map((stat) => stat.pid);
}
