import { readFileSync, statSync } from 'node:fs';
import { availableParallelism, hostname, userInfo } from 'node:os';
import { loadAddon } from '../binding/load.js';
import type { Host } from '../config/host.js';
import { findModule, pythonPath } from '../startup/module-path.js';
import { readVersion } from '../util/version.js';
import { glob } from './glob.js';
import { groupName } from './group-name.js';
import { parseJson, parseYaml } from './data-parser.js';

const STANDARD_INPUT = 0;

/** The machine this process runs on. */
export const host: Host = {
  availableParallelism,
  readFile: (path) => orUndefined(() => readFileSync(path, 'utf8')),
  readStandardInput: () => orUndefined(() => readFileSync(STANDARD_INPUT, 'utf8')),
  look(path) {
    const stat = orUndefined(() => statSync(path));
    if (stat === undefined) return undefined;
    if (stat.isFile()) return 'file';
    return stat.isDirectory() ? 'directory' : 'other';
  },
  inode: (path) => orUndefined(() => statSync(path).ino),
  glob,
  findModule: (name, pythonpath, directory) =>
    findModule(name, [...pythonPath(pythonpath, directory), directory]),
  hasUser: (name) => loadAddon().findUser(name) !== undefined,
  hasGroup: (name) => loadAddon().findGroup(name) !== undefined,
  parseYaml,
  parseJson,
  facts() {
    const uid = process.getuid?.() ?? 0;
    const gid = process.getgid?.() ?? 0;
    return {
      pid: process.pid,
      directory: process.cwd(),
      hostname: hostname(),
      uid,
      user: orUndefined(() => userInfo().username) ?? String(uid),
      gid,
      group: groupName(gid),
      binary: process.execPath,
      version: readVersion(),
    };
  },
  now: Date.now,
};

/** Where the system says no, the caller says why in its own words. */
function orUndefined<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
