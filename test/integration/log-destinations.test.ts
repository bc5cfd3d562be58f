import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { get } from '../helpers/get.js';
import { startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

async function inFile(file: string, pattern: RegExp): Promise<string> {
  await waitUntil(`${String(pattern)} in ${file}`, () => pattern.test(read(file)), 30_000);
  return read(file);
}

function portIn(text: string): number {
  return Number(/bound to TCP address 127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
}

/** Logs go to a file, so readiness is looked for there. */
async function startInto(file: string, args: readonly string[]) {
  const server = await startServer(
    ['--wsgi-file', pathsApp().path, '--http-socket', '127.0.0.1:0', ...args],
    { waitForReady: false },
  );
  const text = await inFile(file, /all workers are ready/);
  return { server, port: portIn(server.log.text + text) };
}

describe('logto', () => {
  for (const option of ['--logto', '--logto2']) {
    it(`${option} takes everything, and is opened anew when it was renamed`, async () => {
      const directory = tempDir();
      const [file, touch] = [join(directory, 'a.log'), join(directory, 'touch')];
      writeFileSync(touch, '');
      utimesSync(touch, 1, 1);
      const args = ['-M', option, file, '--logfile-chmod', '600', '--touch-logreopen', touch];
      const { server, port } = await startInto(file, args);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      await get(port, '/pid?first');
      await inFile(file, /GET \/pid\?first/);
      renameSync(file, `${file}.1`);
      writeFileSync(touch, '');
      await inFile(`${file}.1`, /touched \*\*\*: opening log files anew/);
      await waitUntil('the new file', () => existsSync(file));
      await waitUntil('a line of the worker in the new file', async () => {
        await get(port, '/pid?second');
        return /GET \/pid\?second/.test(read(file));
      });
      await server.stop();
      assert.match(read(file), /goodbye/);
      assert.equal(server.log.matching(/are ready|GET/).length, 0, server.log.text);
    });
  }

  it('begins a new file at log-maxsize', async () => {
    const directory = tempDir();
    const [file, backup] = [join(directory, 'a.log'), join(directory, 'old.log')];
    await startServer(
      [
        ...['-M', '--logto', file, '--log-maxsize', '300', '--log-backupname', backup],
        ...['--http-socket', '127.0.0.1:0', '--wsgi-file', pathsApp().path],
      ],
      { waitForReady: false },
    );
    const all = (): string => read(backup) + read(file);
    await waitUntil('both files', () => existsSync(backup) && /are ready/.test(all()), 30_000);
    const port = portIn(all());
    await waitUntil('a line in the new file', async () => {
      await get(port, '/pid');
      return read(file).includes('GET /pid');
    });
  });
});

describe('loggers', () => {
  it('keep request lines apart, and route lines to those with an id', async () => {
    const directory = tempDir();
    const at = (name: string): string => join(directory, name);
    const server = await startServer(
      [
        ...['--logger', `file:${at('general.log')}`, '--req-logger', `file:${at('requests.log')}`],
        ...['--logger', `bad file:${at('bad.log')}`, '--log-route', 'bad application error'],
        ...['--http-socket', '127.0.0.1:0', '--processes', '2', '--wsgi-file', pathsApp().path],
      ],
      { waitForReady: false },
    );
    const general = await inFile(at('general.log'), /all workers are ready/);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(general)?.[1]);
    await get(port, '/pid');
    await get(port, '/nothing-here');
    await inFile(at('requests.log'), /GET \/nothing-here/);
    await inFile(at('bad.log'), /application error: GET \/nothing-here/);
    await server.stop();
    assert.equal(read(at('requests.log')).trimEnd().split('\n').length, 2);
    assert.doesNotMatch(read(at('general.log')), /\[pid: /);
    assert.match(read(at('general.log')), /goodbye to tsuwsgi-native/);
    assert.equal(read(at('bad.log')).trimEnd().split('\n').length, 1);
  });

  it('send lines over UDP, as they are and as syslog', async () => {
    const receiver = createSocket('udp4');
    onCleanup(() => new Promise<void>((resolve) => receiver.close(() => resolve())));
    const lines: string[] = [];
    receiver.on('message', (message) => lines.push(message.toString()));
    await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
    const { port } = receiver.address();
    const server = await startServer([
      ...['--logger', 'stdio', '--logger', `rsyslog:127.0.0.1:${port},myapp,local1`],
      ...['--req-logger', `socket:127.0.0.1:${port}`, '--wsgi-file', pathsApp().path],
    ]);
    await get(server.port, '/pid?udp');
    await waitUntil('the datagrams', () => lines.some((line) => /^\[pid: .*\/pid\?udp/.test(line)));
    assert.ok(lines.some((line) => /^<142>\w+ .* myapp: \*\*\* all workers are ready/.test(line)));
  });

  it('that do not exist, or cannot be opened, end the start', async () => {
    for (const [logger, why] of [
      ['carrier-pigeon:x', /there is no logger carrier-pigeon; known are file/],
      ['file:/nonexistent/x.log', /--logger file:\/nonexistent\/x\.log: ENOENT/],
    ] as const) {
      const args = ['--logger', logger, '--wsgi-file', pathsApp().path];
      const server = await startServer(args, { waitForReady: false });
      assert.equal((await server.end()).code, 1);
      assert.match(server.log.text, why);
    }
  });
});

describe('request lines', () => {
  const start = (...args: string[]) => startServer(['--wsgi-file', pathsApp().path, ...args]);

  it('have the form that is asked for', async () => {
    const form = '%(addr) %(method) %(uri) %(status) %(rsize) %(var.HTTP_X_A) %(cl) %(nope)';
    const server = await start('--log-format', form, '--log-x-forwarded-for');
    await get(server.port, '/pid?x', ['X-A: 5', 'X-Forwarded-For: 9.9.9.9, 8.8.8.8']);
    await server.log.waitFor(/^9\.9\.9\.9 GET \/pid\?x 200 \d+ 5 - -$/);
    await get(server.port, '/pid');
    await server.log.waitFor(/^127\.0\.0\.1 GET \/pid 200 \d+ - - -$/);
  });

  it('are written for failures alone where that is asked for', async () => {
    const server = await start('-L', '--log-5xx', '--log-micros', '--memory-report');
    await get(server.port, '/pid');
    await get(server.port, '/nothing');
    await server.log.waitFor(
      /^\{address space usage: \d+ bytes\/\d+MB\} \{rss usage: .*GET \/nothing .* micros \(HTTP\/1\.1 500\)/,
    );
    assert.equal(server.log.matching(/GET \/pid/).length, 0);
  });
});
