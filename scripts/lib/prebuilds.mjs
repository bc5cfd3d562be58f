/** The binaries that a published package carries: where they stand, and whether all are there. */
import { existsSync, readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';

const LIBCS = ['glibc', 'musl'];
/** What an ELF file has in `e_machine`. */
const MACHINES = { x64: 62, arm64: 183 };
const MACHINE_AT = 18;

const pathOf = (architecture, libc) =>
  `prebuilds/linux-${architecture}/tsuwsgi-native.${libc}.node`;

/** The one that this machine builds. */
export function ownPrebuild() {
  return pathOf(arch(), existsSync('/etc/alpine-release') ? 'musl' : 'glibc');
}

/** What keeps the package in `root` from being published; nothing where each target has a binary of this version. */
export function prebuildProblems(root, version) {
  return Object.entries(MACHINES).flatMap(([architecture, machine]) =>
    LIBCS.map((libc) => pathOf(architecture, libc))
      .map((path) => [path, problemOf(join(root, path), machine, version)])
      .filter(([, problem]) => problem !== undefined)
      .map(([path, problem]) => `${path} ${problem}`),
  );
}

function problemOf(file, machine, version) {
  if (!existsSync(file)) return 'is missing';
  const bytes = readFileSync(file);
  if (bytes.length < MACHINE_AT + 2 || bytes.readUInt16LE(MACHINE_AT) !== machine)
    return 'is for another architecture';
  return bytes.includes(`${version}\0`) ? undefined : `is not of version ${version}`;
}
