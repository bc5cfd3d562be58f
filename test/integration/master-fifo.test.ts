import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp, type AppFiles } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

interface Commanded {
  readonly server: Server;
  readonly app: AppFiles;
  /** Writes letters and waits for the line. */
  readonly tell: (letters: string, line: RegExp) => Promise<void>;
}

async function commanded(...args: string[]): Promise<Commanded> {
  const app = pathsApp();
  const fifo = join(tempDir(), 'fifo');
  const base = ['--processes', '2', '--wsgi-file', app.path, '--master-fifo', fifo];
  const server = await startServer([...base, ...args]);
  assert.equal(statSync(fifo).mode & 0o777, 0o600);
  const tell = async (letters: string, line: RegExp): Promise<void> => {
    const from = server.log.lines.length;
    appendFileSync(fifo, letters);
    await server.log.waitFor(line, 20_000, from);
  };
  return { server, app, tell };
}

describe('--master-fifo', () => {
  it('reloads, lists workers, and tells of what it does not know', async () => {
    const { server, tell } = await commanded();
    for (const letter of ['r', 'w', 'c', 'R', 'W']) await tell(`${letter}\n`, /reload complete/);
    await tell('s', /worker 2 \(pid: \d+\): ready/);
    await tell('x', /"x" from .*: no such command/);
    await tell('E', /'E' from .*: ignored/);
    assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
  });

  it('q stops gracefully, Q at once', async () => {
    const { server, app, tell } = await commanded();
    const client = await RawSocket.connect(server.port);
    await client.send(get('/until-told'));
    assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
    await tell('q', /stopping gracefully/);
    app.signal('told');
    assert.equal((await client.readResponse()).status, 200);
    assert.equal((await server.end()).code, 0);
    const other = await commanded();
    await other.tell('Q', /stopping now/);
    assert.equal((await other.server.end()).code, 0);
  });

  it('p pauses: clients wait, open connections are served; p again resumes', async () => {
    const { server, tell } = await commanded();
    const open = await RawSocket.connect(server.port);
    assert.equal((await open.request(get('/pid'))).status, 200);
    await tell('p', /workers suspended/);
    // The workers hear of it a moment after the log does.
    const answer = await waitUntil('a client that is not answered', async () => {
      const state = { answered: false };
      const waiting = await RawSocket.connect(server.port);
      await waiting.send(get('/pid'));
      const response = waiting.readResponse().finally(() => void (state.answered = true));
      for (let count = 0; count < 20; count += 1)
        assert.equal((await open.request(get('/pid'))).status, 200);
      return state.answered ? undefined : { response };
    });
    await tell('p', /workers resumed/);
    assert.equal((await answer.response).status, 200);
  });

  it('a digit makes another pipe the active one', async () => {
    const second = join(tempDir(), 'second');
    const { server, tell } = await commanded('--master-fifo', second);
    await tell('1', /listening for commands at .*second/);
    const from = server.log.lines.length;
    appendFileSync(second, 's');
    await server.log.waitFor(/worker 1 \(pid: \d+\): ready/, 10_000, from);
    appendFileSync(second, '0');
    await server.log.waitFor(/listening for commands at .*fifo/, 10_000, from);
    await tell('5', /no master fifo 5/);
  });

  it('P writes the pidfiles again', async () => {
    const pidfile = join(tempDir(), 'pid');
    const { server, tell } = await commanded('--pidfile', pidfile);
    writeFileSync(pidfile, 'lost');
    await tell('P', /writing pidfile/);
    await waitUntil('the file', () => readFileSync(pidfile, 'utf8') === `${server.pid}\n`);
  });
});

describe('a reload and its options', () => {
  it('takes over what may change, says what needs a restart, and refuses wrong ones', async () => {
    const directory = tempDir();
    const ini = join(directory, 'app.ini');
    const { path } = pathsApp();
    const write = (...lines: string[]): void =>
      writeFileSync(
        ini,
        ['[uwsgi]', 'http-socket = 127.0.0.1:0', `wsgi-file = ${path}`, ...lines, ''].join('\n'),
      );
    write('master = true', 'limit-post = 1000');
    const server = await startServer(['--ini', ini], { ownSockets: true });
    write('master = true', 'limit-post = 2000', 'threads = 2');
    server.kill('SIGHUP');
    await server.log.waitFor(/changed options, for new workers: limit-post 2000/);
    await server.log.waitFor(/does not take over: threads 2;/);
    await server.log.waitFor(/graceful reload complete/);
    write('master = true', 'limit-post = many');
    const from = server.log.lines.length;
    server.kill('SIGHUP');
    await server.log.waitFor(/reload failed: the options are wrong/, 10_000, from);
    assert.equal((await requestOnce(server.port, get('/pid'))).status, 200);
  });
});
