import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { Load } from '../helpers/load.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const VERSION = (text: string): string =>
  `export const application = (environ, startResponse) => { startResponse('200 OK', []); return '${text}'; };\n`;

const PID = `export const application = (environ, startResponse) => { startResponse('200 OK', []); return String(process.pid); };\n`;

async function retired(server: Server, count: number): Promise<void> {
  await waitUntil(
    `${count} retired workers`,
    () => server.log.matching(/its successor serves: drained/).length >= count,
    30_000,
  );
}

function app(source: string): { readonly path: string; readonly directory: string } {
  const directory = tempFiles({ 'app.mjs': source });
  return { directory, path: join(directory, 'app.mjs') };
}

describe('recycling', () => {
  for (const mode of [[], ['--threads', '2']]) {
    it(`replaces workers after max-requests under load without losing one request ${mode.join(' ')}`, async () => {
      const limits = ['--max-requests', '40', '--min-worker-lifetime', '0'];
      const args = ['--processes', '2', ...limits, ...mode, '-L', '--wsgi-file', app(PID).path];
      const server = await startServer(args);
      const load = new Load(server.port, 8, '/');
      await retired(server, 4);
      await load.stop();
      assert.deepEqual(load.failures, []);
      assert.ok(new Set(load.answers.map(({ text }) => text)).size >= 5);
      assert.match(server.log.text, /is replaced: \d+ requests served \(max-requests 40\)/);
    });
  }

  it('loses no request on a UNIX socket either', async () => {
    const { path, directory } = app(PID);
    const socket = join(directory, 'http.sock');
    const limits = ['--max-requests', '40', '--min-worker-lifetime', '0'];
    const server = await startServer([
      ...['--http-socket', socket, '--processes', '2', ...limits, '-L', '--wsgi-file', path],
    ]);
    const load = new Load(socket, 8, '/');
    await retired(server, 4);
    await load.stop();
    assert.deepEqual(load.failures, []);
  });

  it('replaces a worker at its age, and one that takes too much memory', async () => {
    const old = await startServer([
      ...['--min-worker-lifetime', '0', '--max-worker-lifetime', '0.5'],
      ...['--wsgi-file', app(PID).path],
    ]);
    await retired(old, 1);
    assert.match(old.log.text, /lifetime reached, it was running for 1 second/);
    await old.stop();
    const big = await startServer([
      ...['--min-worker-lifetime', '0', '--reload-on-rss', '10', '--wsgi-file', app(PID).path],
    ]);
    await retired(big, 1);
    assert.match(big.log.text, /resident memory is \d+ MB \(reload-on-rss 10\)/);
  });
});

describe('reload', () => {
  it('brings new code without losing a request, when a file is touched', async () => {
    const { path, directory } = app(VERSION('one'));
    const touched = join(directory, 'reload');
    const server = await startServer([
      ...['--processes', '2', '-L', '--touch-reload', touched, '--wsgi-file', path],
    ]);
    assert.match(server.log.text, /unable to stat\(\) .*reload, events will be triggered/);
    const load = new Load(server.port, 4, '/');
    await waitUntil('some answers', () => load.answers.length > 20);
    writeFileSync(path, VERSION('two'));
    writeFileSync(touched, '');
    await server.log.waitFor(/reload has been touched\.\.\. grace them all !!!/);
    await server.log.waitFor(/graceful reload complete/);
    await retired(server, 2);
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.equal((await get(server.port, '/')).text, 'two');
    assert.equal(load.answers[0]?.text, 'one');
  });

  it('keeps the old code where the new one does not load', async () => {
    const { path } = app(VERSION('one'));
    const server = await startServer(['--processes', '2', '--wsgi-file', path]);
    writeFileSync(path, 'this is no JavaScript');
    server.kill('SIGHUP');
    const line = await server.log.waitFor(/reload failed: .*/);
    assert.match(line[0], /syntax error in .*; 2 worker\(s\) go on with the code they have/);
    assert.equal((await get(server.port, '/')).text, 'one');
  });

  it('watches the sources of the application where it is asked to', async () => {
    const { path, directory } = app(
      `import { text } from './lib.mjs';\n${VERSION('').replace("''", 'text')}`,
    );
    const lib = join(directory, 'lib.mjs');
    writeFileSync(lib, "export const text = 'one';");
    utimesSync(lib, 1, 1);
    const server = await startServer(['--py-autoreload', '0.1', '--wsgi-file', path]);
    assert.equal((await get(server.port, '/')).text, 'one');
    writeFileSync(lib, "export const text = 'two';");
    await server.log.waitFor(/lib\.mjs has been modified/);
    await server.log.waitFor(/graceful reload complete/);
    await retired(server, 1);
    assert.equal((await get(server.port, '/')).text, 'two');
  });
});
