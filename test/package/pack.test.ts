import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { describe, before, it } from 'mocha';
import { onCleanup } from '../helpers/cleanup.js';
import { Server } from '../helpers/server.js';
import { installedProject, packedPackage, ROOT, type PackedPackage } from './packed.js';

const INSTALL_LIMIT_MS = 120_000;
const LARGEST_PACKAGE = 8 * 1024 * 1024;

/** What running needs (code, binary) and what a build from source on another machine needs. */
const NEEDED = [
  'package.json',
  'README.md',
  'LICENSE',
  'bin/tsuwsgi-native.js',
  'dist/cli/main.js',
  'dist/worker/main.js',
  'dist/index.js',
  'dist/page/index.html',
  'dist/page/page.css',
  'dist/index.d.ts',
  'dist/cjs/index.js',
  'dist/cjs/index.d.ts',
  'dist/cjs/package.json',
  'binding.gyp',
  'native/binding/addon.cc',
];

const ALLOWED =
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|docs\/[^/]+\.md|binding\.gyp|bin\/.*\.js|dist\/.*\.(?:js|d\.ts|js\.map)|dist\/cjs\/package\.json|dist\/page\/(?:index\.html|page\.css)|native\/.*\.(?:h|cc)|prebuilds\/[^/]+\/[^/]+\.node)$/;

/** A document as texts of options name it, which `--help` prints. */
const NAMED = /docs\/[\w-]+\.md/g;
/** What only those need who change the sources. */
const OF_THE_REPOSITORY = ['CONTRIBUTING.md', 'test/README.md'];

const HELLO = `
export function application(environ: { PATH_INFO: string }, startResponse: (status: string, headers: string[][]) => void) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [\`Hello \${environ.PATH_INFO}\`];
}
`;

function listFiles(directory: string, pattern: RegExp): string[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => pattern.test(path));
}

function startInstalled(project: string, args: readonly string[]): Server {
  const command = join(project, 'node_modules/.bin/tsuwsgi-native');
  const server = new Server(
    spawn(process.execPath, [command, '--http-socket', '127.0.0.1:0', ...args], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  onCleanup(async () => {
    await server.stop();
  });
  return server;
}

describe('the packed package', function () {
  this.timeout(INSTALL_LIMIT_MS);

  let packed: PackedPackage;
  let project: string;

  before(async () => {
    packed = await packedPackage();
    project = await installedProject();
  });

  it('holds what running it and building it from source need', () => {
    const missing = NEEDED.filter((file) => !packed.files.includes(file));
    assert.deepEqual(missing, []);
    const binaries = packed.files.filter((file) => file.startsWith(`prebuilds/linux-${arch()}/`));
    assert.equal(binaries.length, 1, binaries.join(', '));
  });

  it('holds nothing else', () => {
    assert.deepEqual(
      packed.files.filter((file) => !ALLOWED.test(file)),
      [],
    );
    assert.ok(packed.unpackedBytes < LARGEST_PACKAGE, `${packed.unpackedBytes} bytes unpacked`);
  });

  it('ships every source of the core', () => {
    const sources = listFiles(join(ROOT, 'native'), /\.(?:cc|h)$/);
    assert.ok(sources.length > 0);
    assert.deepEqual(
      sources.map((path) => `native/${path}`).filter((path) => !packed.files.includes(path)),
      [],
    );
  });

  it('has the documents that it refers to', () => {
    const targets = ['README.md', 'CHANGELOG.md', 'SECURITY.md'].flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\]\(([^():#]+\.md)/g)].map(
        ([, target]) => target ?? '',
      ),
    );
    const messages = [...readFileSync(join(ROOT, 'docs/options.md'), 'utf8').matchAll(NAMED)];
    const named = [...targets, ...messages.map(([target]) => target)];
    assert.ok(named.length > 20, named.join(', '));
    const missing = named.filter((path) => !packed.files.includes(path));
    assert.deepEqual(
      missing.filter((path) => !OF_THE_REPOSITORY.includes(path)),
      [],
    );
  });

  it('answers hello from its prebuilt binary, in a worker under a master', async () => {
    writeFileSync(join(project, 'hello.ts'), HELLO);
    const server = startInstalled(project, ['--wsgi-file', 'hello.ts', '--master', '-p', '1']);
    await server.ready();
    const [worker] = server.workers();
    assert.ok(worker !== undefined, 'the master has no worker');
    assert.match(
      readFileSync(`/proc/${worker.pid}/maps`, 'utf8'),
      /node_modules\/tsuwsgi-native\/prebuilds\/linux-[^/]+\/tsuwsgi-native\.(?:glibc|musl)\.node/,
    );
    const response = await fetch(`${server.url}/world`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), 'Hello /world');
  });

  it('has both names of the command', () => {
    const { bin } = JSON.parse(
      readFileSync(join(project, 'node_modules/tsuwsgi-native/package.json'), 'utf8'),
    ) as { bin: Record<string, string> };
    assert.deepEqual(Object.keys(bin).sort(), ['tsuwsgi', 'tsuwsgi-native']);
    for (const name of Object.keys(bin)) {
      assert.match(
        readFileSync(join(project, 'node_modules/.bin', name), 'utf8'),
        /^#!\/usr\/bin\/env node\n/,
      );
    }
  });
});
