import { posix } from 'node:path';
import { parseJson, parseYaml } from '../../../src/cli/data-parser.js';
import type { Host } from '../../../src/config/host.js';

export type FakeFiles = Readonly<Record<string, string>>;

/** A machine that exists only in the test: its CPUs and the files that can be read, by absolute path; `-` is stdin. */
export function fakeHost(cpus: number, files: FakeFiles = {}): Host {
  const names = Object.keys(files);
  return {
    availableParallelism: () => cpus,
    readFile: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    readStandardInput: () => files['-'],
    look(path) {
      if (names.includes(path)) return 'file';
      return names.some((name) => name.startsWith(`${path}/`)) ? 'directory' : undefined;
    },
    inode: (path) => (names.includes(path) ? names.indexOf(path) + 1 : undefined),
    glob: (pattern) => names.filter((name) => matches(name, pattern)).sort(),
    findModule: (name, pythonpath, directory) =>
      [...pythonpath, directory]
        .map((searched) => posix.resolve(directory, searched, `${name.replaceAll('.', '/')}.ts`))
        .find((path) => names.includes(path)),
    hasUser: (name) => name === 'alice',
    hasGroup: (name) => name === 'users',
    parseYaml,
    parseJson,
    facts: () => ({
      pid: 4242,
      directory: '/srv',
      hostname: 'web1',
      uid: 1000,
      user: 'alice',
      gid: 100,
      group: 'users',
      binary: '/usr/bin/node',
      version: '9.8.7',
    }),
    now: () => 1_700_000_000_123,
  };
}

/** Only `*`, and only inside of one directory. */
function matches(name: string, pattern: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?()[\]{}|\\^$]/g, '\\$&'));
  return new RegExp(`^${source.join('[^/]*')}$`).test(name);
}
