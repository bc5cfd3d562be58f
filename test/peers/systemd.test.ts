/** The units of docs/systemd.md: systemd accepts them, and what they start serves. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { requireProgram } from '../helpers/programs.js';
import { READY_LINE, Server } from '../helpers/server.js';
import { ask } from './client.js';
import { WalkThrough } from './documents/walk-through.js';
import { startNginxUwsgi } from './fronts/nginx.js';
import { accepts } from './program.js';
import { freePort, type Target } from './place.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Value of a key that a unit has once. */
function valueOf(unit: string, key: string): string {
  const values = [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))];
  assert.equal(values.length, 1, key);
  return values[0]?.[1] ?? '';
}

function start(walk: WalkThrough, unit: string, program: string[]): Server {
  const [name = '', ...words] = [...program, ...valueOf(unit, 'ExecStart').split(' ')];
  const child = spawn(name, words, {
    cwd: valueOf(unit, 'WorkingDirectory'),
    env: { PATH: process.env['PATH'], HOME: walk.directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = new Server(child);
  onCleanup(async () => {
    await server.stop();
  });
  return server;
}

async function requireServed(walk: WalkThrough, target: Target): Promise<void> {
  const port = await freePort();
  await startNginxUwsgi({ directory: walk.directory, port, target });
  const { text } = await ask(port, { path: '/cart' });
  assert.equal(text, 'GET /cart\n');
}

describe('docs/systemd.md', () => {
  it('has units that systemd accepts', async function () {
    requireProgram(this, 'systemd-analyze');
    const walk = await WalkThrough.begin({ document: 'systemd.md', ports: [] });
    await walk.walk();
    await walk.end();
  });

  it('has a service whose command serves, and stops in time', async function () {
    requireProgram(this, 'nginx');
    const walk = await written();
    const unit = readFileSync(join(walk.directory, 'shop.service'), 'utf8');
    const socket = join(walk.directory, 'shop.sock');
    const server = start(walk, unit, ['sh', '-c', 'umask 0; exec "$@"', 'sh']);
    await server.ready();
    await requireServed(walk, { kind: 'unix', path: socket });
    const exit = await server.stop('SIGTERM', Number(valueOf(unit, 'TimeoutStopSec')) * 1000);
    assert.equal(exit.code, 0);
  });

  it('has a socket that the service takes over', async function () {
    requireProgram(this, 'nginx');
    const activate = requireProgram(this, 'systemd-socket-activate');
    const walk = await written();
    const service = readFileSync(join(walk.directory, 'shop.service'), 'utf8');
    const address = valueOf(
      readFileSync(join(walk.directory, 'shop.socket'), 'utf8'),
      'ListenStream',
    );
    const open = [activate, '-l', address];
    const server = start(walk, service, open);
    const target: Target = { kind: 'unix', path: address };
    // The first connection is what makes the server start.
    await waitUntil('the socket to be there', () => accepts(target));
    // SocketUser= and SocketMode= are work of systemd that this program does not do.
    chmodSync(address, 0o666);
    await server.log.waitFor(READY_LINE, 20_000);
    await requireServed(walk, target);
    assert.equal((await server.stop()).code, 0);
    assert.ok(stillThere(address), "the file is systemd's to remove");
  });
});

/** The files of the document, without its commands. */
async function written(): Promise<WalkThrough> {
  const walk = await WalkThrough.begin({ document: 'systemd.md', ports: [] });
  for (const block of walk.blocks) if (block.action.kind === 'file') await walk.do(block);
  return walk;
}

function stillThere(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
