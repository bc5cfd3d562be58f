/** Every way in which new code goes live, and what clients with open connections see of it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeptLoad } from '../helpers/kept-load.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const GET = 'GET /version HTTP/1.1\r\nHost: test\r\n\r\n';
const DONE = /reload complete/;

const version = (text: string): string => `export const text = '${text}';\n`;

const APP = `import { text } from './version.mjs';
import { existsSync, writeFileSync } from 'node:fs';
export const application = async (environ, startResponse) => {
  if (environ.PATH_INFO.startsWith('/wait-for')) standStill(environ.PATH_INFO.slice(9));
  if (environ.PATH_INFO === '/never') await new Promise(() => setInterval(() => {}, 1000));
  startResponse('200 OK', []);
  return text;
};
function standStill(file) {
  writeFileSync(file + '.waits', '');
  while (!existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}
`;

interface Site {
  readonly server: Server;
  readonly at: (name: string) => string;
}

/** `args`: made with the paths of the application's directory. */
async function start(args: (at: Site['at']) => readonly string[]): Promise<Site> {
  const directory = tempFiles({ 'app.mjs': APP, 'version.mjs': version('one') });
  const at = (name: string): string => join(directory, name);
  mkdirSync(at('node_modules'));
  const common = ['--processes', '2', '-L', '--wsgi-file', at('app.mjs')];
  return { server: await startServer([...common, ...args(at)]), at };
}

interface Way {
  readonly name: string;
  readonly args: (at: Site['at']) => readonly string[];
  readonly act: (site: Site) => void;
  /** What the log says of the cause. */
  readonly said: RegExp;
}

const WAYS: readonly Way[] = [
  {
    name: '--touch-reload',
    args: (at) => ['--touch-reload', at('touched')],
    act: ({ at }) => writeFileSync(at('touched'), ''),
    said: /\*\*\* .*touched has been touched\.\.\. grace them all !!! \*\*\*: graceful reload/,
  },
  {
    name: '--touch-workers-reload',
    args: (at) => ['--touch-workers-reload', at('touched')],
    act: ({ at }) => writeFileSync(at('touched'), ''),
    said: /touched has been touched.*: graceful reload/,
  },
  {
    name: '--touch-chain-reload',
    args: (at) => ['--touch-chain-reload', at('touched')],
    act: ({ at }) => writeFileSync(at('touched'), ''),
    said: /touched has been touched.*: chain reload/,
  },
  {
    name: 'R in the fifo',
    args: (at) => ['--master-fifo', at('fifo')],
    act: ({ at }) => writeFileSync(at('fifo'), 'R'),
    said: /: brutal reload/,
  },
  {
    name: 'W in the fifo',
    args: (at) => ['--master-fifo', at('fifo')],
    act: ({ at }) => writeFileSync(at('fifo'), 'W'),
    said: /: brutal reload/,
  },
];

/** Watching is Node's own code, which differs between its lines: other Nodes run these too. */
const WATCHED: readonly Way[] = [
  {
    name: '--fs-reload of a directory',
    args: (at) => ['--fs-reload', at('')],
    act: () => undefined,
    said: /changed: \S*\/version\.mjs: graceful reload/,
  },
  {
    name: '--fs-reload of a file',
    args: (at) => ['--fs-reload', at('version.mjs')],
    act: () => undefined,
    said: /changed: \S*\/version\.mjs: graceful reload/,
  },
  {
    name: '--fs-brutal-reload',
    args: (at) => ['--fs-brutal-reload', at('')],
    act: () => undefined,
    said: /changed: \S*\/version\.mjs: brutal reload/,
  },
];

function bringsNewCode({ name, args, act, said }: Way): void {
  it(`${name} brings new code, says why once, and closes no idle connection`, async () => {
    const site = await start(args);
    const { server, at } = site;
    const load = new KeptLoad({ target: server.port, connections: 8, rate: 50 });
    await load.answered(50);
    writeFileSync(at('version.mjs'), version('two'));
    act(site);
    await server.log.waitFor(said);
    await server.log.waitFor(DONE);
    await load.answered(50);
    await load.stop();
    assert.deepEqual(load.complaints(), []);
    assert.equal(server.log.matching(said).length, 1);
    const client = await RawSocket.connect(server.port);
    assert.equal((await client.request(GET)).text, 'two');
  });
}

describe('ways to reload', () => {
  for (const way of WAYS) bringsNewCode(way);

  it('is complete when every new connection gets new code: an old worker that stands still has not stopped accepting', async () => {
    const { server, at } = await start(() => ['--master', '--processes', '1']);
    const blocked = await RawSocket.connect(server.port);
    await blocked.send(GET.replace('/version', `/wait-for${at('go')}`));
    await waitUntil('the worker stands still', () => existsSync(at('go.waits')));
    writeFileSync(at('version.mjs'), version('two'));
    const from = server.log.lines.length;
    server.kill('SIGHUP');
    await server.log.waitFor(/is ready after/, undefined, from);
    const successor = await RawSocket.connect(server.port);
    assert.equal((await successor.request(GET)).text, 'two');
    server.kill('SIGTSTP');
    await server.log.waitFor(/workers suspended/);
    assert.equal(server.log.matching(DONE).length, 0);
    writeFileSync(at('go'), '');
    await server.log.waitFor(DONE);
  });

  it('a brutal reload cuts what runs, and keeps the connection beside it', async () => {
    const { server, at } = await start((here) => ['--master-fifo', here('fifo')]);
    const idle = await RawSocket.connect(server.port);
    await idle.request(GET);
    const busy = await RawSocket.connect(server.port);
    await busy.send(GET.replace('/version', '/never'));
    writeFileSync(at('version.mjs'), version('two'));
    writeFileSync(at('fifo'), 'R');
    await server.log.waitFor(DONE);
    await busy.waitForEnding();
    await server.log.waitFor(/cuts what still runs: requests still ran after .* \(brutal reload\)/);
    assert.equal((await idle.request(GET)).text, 'two');
  });
});

describe('watched files', () => {
  for (const way of WATCHED) bringsNewCode(way);

  it('a file that is saved again and again as editors do, by a new file in its place', async () => {
    const { server, at } = await start((here) => ['--fs-reload', here('')]);
    for (const text of ['two', 'three', 'four']) {
      const from = server.log.lines.length;
      writeFileSync(at('new'), version(text));
      renameSync(at('new'), at('version.mjs'));
      await server.log.waitFor(DONE, undefined, from);
      const client = await RawSocket.connect(server.port);
      assert.equal((await client.request(GET)).text, text);
    }
  });

  it('a file that is named, though it is a hidden one', async () => {
    const { server, at } = await start((here) => {
      writeFileSync(here('.env'), '');
      return ['--fs-reload', here('.env')];
    });
    writeFileSync(at('.other'), '');
    writeFileSync(at('.env'), '');
    await server.log.waitFor(/changed: \S*\/\.env: graceful/);
  });

  it('what --fs-reload does not follow: packages, hidden files, what editors leave', async () => {
    const { server, at } = await start((here) => ['--fs-reload', here('')]);
    for (const name of ['node_modules/x.js', '.hidden', 'version.mjs~', '4913'])
      writeFileSync(at(name), '');
    const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt'];
    for (const name of names) writeFileSync(at(name), '');
    await server.log.waitFor(/changed: \S*a\.txt, \S*b\.txt, \S*c\.txt and 2 more: graceful/);
    await server.log.waitFor(DONE);
    assert.equal(server.log.matching(/changed: /).length, 1);
  });
});
