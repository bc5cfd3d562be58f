/** Whether the control groups of this server have memory for one worker more. */
import { readFileSync } from 'node:fs';
import { smallestLimit, type CgroupDirectory, type CgroupLimit } from '../../config/cgroup.js';
import { processMemory } from './process-memory.js';

type ReadFile = (path: string) => string | undefined;

const MEGABYTE = 1024 * 1024;
/** Of a worker that nobody has measured. */
const USUAL_WORKER_BYTES = 64 * MEGABYTE;

/**
 * Why there is no room, in words; undefined where there is, or no limit. A successor is taken to need as much as the
 * smallest worker has now: what others have more may be what they are replaced for.
 */
export function lackOfMemory(
  room: CgroupLimit | undefined,
  residentBytes: readonly number[],
): string | undefined {
  if (room === undefined) return undefined;
  const needed = residentBytes.length === 0 ? USUAL_WORKER_BYTES : Math.min(...residentBytes);
  if (room.value >= needed) return undefined;
  const [left, wanted] = [Math.max(0, room.value), needed].map((n) => Math.round(n / MEGABYTE));
  return `${left} MB are left in ${room.path}, a worker takes ${wanted} MB`;
}

/** The same, looked up now for a server with these workers. */
export function lackOfMemoryBeside(pids: readonly (number | undefined)[]): string | undefined {
  const room = memoryRoom();
  if (room === undefined) return undefined;
  const memory = pids.map((pid) => (pid === undefined ? undefined : processMemory(pid)));
  return lackOfMemory(
    room,
    memory.flatMap((each) => each?.residentBytes ?? []),
  );
}

/** The least that is left in a control group on the way up; undefined where none has a limit. */
export function memoryRoom(readFile: ReadFile = readText): CgroupLimit | undefined {
  return smallestLimit({ readFile }, 'memory', (directory) => roomIn(directory, readFile));
}

/** File pages that nobody has used lately are given back before anything is killed. */
function roomIn({ version, path }: CgroupDirectory, readFile: ReadFile): number | undefined {
  const number = (name: string): number => Number(readFile(`${path}/${name}`)?.trim() ?? NaN);
  const limit = number(version === 2 ? 'memory.max' : 'memory.limit_in_bytes');
  const used = number(version === 2 ? 'memory.current' : 'memory.usage_in_bytes');
  if (!Number.isFinite(limit) || !Number.isFinite(used)) return undefined;
  const name = version === 2 ? 'inactive_file' : 'total_inactive_file';
  const stat = readFile(`${path}/memory.stat`) ?? '';
  const spare = Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  return limit - used + spare;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
