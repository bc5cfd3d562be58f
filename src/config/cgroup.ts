/**
 * The limits of this process's control groups: those it is in and all those above them, of version 1 and 2, also where
 * a container shows only a part of the tree.
 */
import type { Host } from './host.js';

type FileReader = Pick<Host, 'readFile'>;

export type Controller = 'cpu' | 'memory';

/** A directory of a control group, where the files of a controller are. */
export interface CgroupDirectory {
  readonly version: 1 | 2;
  readonly path: string;
}

/** A limit and the directory whose file says it. */
export interface CgroupLimit {
  readonly value: number;
  readonly path: string;
}

/** The smallest limit on the way up; `read` returns undefined where a directory sets none. */
export function smallestLimit(
  host: FileReader,
  controller: Controller,
  read: (directory: CgroupDirectory) => number | undefined,
): CgroupLimit | undefined {
  let least: CgroupLimit | undefined;
  for (const directory of cgroupDirectories(host, controller)) {
    const value = read(directory);
    if (value === undefined || (least !== undefined && least.value <= value)) continue;
    least = { value, path: directory.path };
  }
  return least;
}

function cgroupDirectories(host: FileReader, controller: Controller): CgroupDirectory[] {
  const mounts = parseMounts(host.readFile('/proc/self/mountinfo') ?? '', controller);
  return parseMemberships(host.readFile('/proc/self/cgroup') ?? '', controller).flatMap(
    ({ version, path }) => {
      const mount = mounts.find((candidate) => candidate.version === version);
      return mount === undefined ? [] : directoriesUpwards(mount, path);
    },
  );
}

interface Membership {
  readonly version: 1 | 2;
  readonly path: string;
}

/** Lines `hierarchy:controllers:path`; version 2 has hierarchy 0 and no controllers. */
function parseMemberships(text: string, controller: Controller): Membership[] {
  return text.split('\n').flatMap((line): Membership[] => {
    const [, hierarchy, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (hierarchy === undefined || controllers === undefined || path === undefined) return [];
    if (hierarchy === '0' && controllers === '') return [{ version: 2, path }];
    return controllers.split(',').includes(controller) ? [{ version: 1, path }] : [];
  });
}

interface CgroupMount {
  readonly version: 1 | 2;
  /** The cgroup that the mount point shows; in containers often the process's own. */
  readonly root: string;
  readonly mountPoint: string;
}

/** See proc_pid_mountinfo(5): `id parent dev root mountpoint options [fields] - type source superoptions`. */
function parseMounts(text: string, controller: Controller): CgroupMount[] {
  return text.split('\n').flatMap((line): CgroupMount[] => {
    const [before, after] = line.split(' - ');
    const [, , , root, mountPoint] = before?.split(' ') ?? [];
    const [type, , options] = after?.split(' ') ?? [];
    if (root === undefined || mountPoint === undefined) return [];
    if (type === 'cgroup2') return [{ version: 2, root, mountPoint }];
    return type === 'cgroup' && options?.split(',').includes(controller)
      ? [{ version: 1, root, mountPoint }]
      : [];
  });
}

function directoriesUpwards({ version, root, mountPoint }: CgroupMount, path: string) {
  const parts = relativeParts(root, path);
  const directories: CgroupDirectory[] = [];
  for (let depth = parts.length; depth >= 0; depth--)
    directories.push({ version, path: [mountPoint, ...parts.slice(0, depth)].join('/') });
  return directories;
}

/** The cgroup as seen from the mount point; a path outside of it can only be looked at from its root. */
function relativeParts(root: string, path: string): string[] {
  const prefix = root === '/' ? '' : root;
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return [];
  return path
    .slice(prefix.length)
    .split('/')
    .filter((part) => part !== '');
}
