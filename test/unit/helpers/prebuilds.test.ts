import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../../helpers/temp-dir.js';

const scripts = fileURLToPath(new URL('../../../scripts', import.meta.url));
const X64 = 62;
const ARM64 = 183;

/** The beginning of an ELF file for that machine, with text as the addon has it. */
function binary(machine: number, version: string): Buffer {
  const head = Buffer.alloc(64);
  head.write('\x7fELF', 'latin1');
  head.writeUInt16LE(machine, 18);
  return Buffer.concat([head, Buffer.from(`\0${version}\0`)]);
}

/** A package of version 1.2.3 that has all four. */
function completePackage(): string {
  const root = tempDir();
  cpSync(scripts, join(root, 'scripts'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "version": "1.2.3", "type": "module" }');
  for (const [name, machine] of [
    ['x64', X64],
    ['arm64', ARM64],
  ] as const) {
    mkdirSync(join(root, `prebuilds/linux-${name}`), { recursive: true });
    for (const libc of ['glibc', 'musl']) {
      const file = join(root, `prebuilds/linux-${name}/tsuwsgi-native.${libc}.node`);
      writeFileSync(file, binary(machine, '1.2.3'));
    }
  }
  return root;
}

function check(root: string): { readonly status: number | null; readonly problems: string[] } {
  const args = [join(root, 'scripts/check-prebuilds.mjs')];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, problems: stderr.split('\n').filter((line) => line !== '') };
}

describe('what is checked before a package is published', () => {
  it('lets one pass that has a binary for each architecture and libc', () => {
    assert.deepEqual(check(completePackage()), { status: 0, problems: [] });
  });

  it('names what is missing, for another machine or of another version', () => {
    const root = completePackage();
    const file = (name: string): string => join(root, 'prebuilds', name);
    rmSync(file('linux-arm64/tsuwsgi-native.musl.node'));
    writeFileSync(file('linux-arm64/tsuwsgi-native.glibc.node'), binary(X64, '1.2.3'));
    writeFileSync(file('linux-x64/tsuwsgi-native.musl.node'), binary(X64, '1.2.2'));
    const { status, problems } = check(root);
    assert.equal(status, 1);
    assert.deepEqual(problems, [
      'prebuilds/linux-x64/tsuwsgi-native.musl.node is not of version 1.2.3',
      'prebuilds/linux-arm64/tsuwsgi-native.glibc.node is for another architecture',
      'prebuilds/linux-arm64/tsuwsgi-native.musl.node is missing',
    ]);
  });
});
