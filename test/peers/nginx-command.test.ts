/** What `tsuwsgi-native nginx FILE` prints, read by nginx and served through it. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outputOf, runCommand } from '../helpers/command.js';
import { findProgram, requireProgram, skipFor } from '../helpers/programs.js';
import { startServer, testApp } from '../helpers/server.js';
import { bodyOf, hashOf } from './bytes.js';
import { ask } from './client.js';
import {
  nginxArguments,
  nginxConfiguration,
  startNginx,
  STOCK_PARAMETERS,
} from './fronts/nginx.js';
import { freePort, sharedDirectory } from './place.js';

const COMMAND = fileURLToPath(new URL('../../bin/tsuwsgi-native.js', import.meta.url));

interface Site {
  readonly directory: string;
  readonly file: string;
}

function writeSite(lines: readonly string[], directory = sharedDirectory()): Site {
  const file = join(directory, 'shop.ini');
  writeFileSync(file, ['[uwsgi]', `wsgi-file = ${testApp('peer.ts')}`, ...lines, ''].join('\n'));
  copyFileSync(STOCK_PARAMETERS, join(directory, 'uwsgi_params'));
  return { directory, file };
}

function printed({ directory, file }: Site): Promise<string> {
  return outputOf(process.execPath, [COMMAND, 'nginx', file], { cwd: directory });
}

/** As an operator would: the printed text in the http block, with a port of one's own. */
function placed(text: string, port: number): string {
  assert.match(text, /^ {4}listen 80;$/m);
  return text.replace('listen 80;', `listen 127.0.0.1:${port};`);
}

async function requireAccepted(site: Site, text: string): Promise<void> {
  const { directory } = site;
  const blocks = placed(text, await freePort());
  writeFileSync(join(directory, 'nginx.conf'), nginxConfiguration(directory, blocks));
  const nginx = findProgram('nginx') ?? 'nginx';
  const { code, stderr } = await runCommand(nginx, ['-t', ...nginxArguments(directory)], {
    cwd: directory,
  });
  assert.equal(code, 0, `${stderr}\n${text}`);
  assert.doesNotMatch(stderr, /\[warn\]/);
}

/** Starts this server and nginx with what the command prints for the same file. */
async function serve(lines: readonly string[], directory?: string): Promise<number> {
  const site = writeSite(lines, directory);
  const port = await freePort();
  const text = placed(await printed(site), port);
  await startServer(['--ini', site.file], { cwd: site.directory, ownSockets: true });
  await startNginx(site.directory, port, text);
  return port;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What means something in nginx's files; but `$`, which it cannot have in a path, and `=`, which ends a mount point. */
const NASTY = `a b"c'd{e}f;g#h\\i~*^@`;

const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  'a UNIX socket': ['socket = /run/shop.sock'],
  'a UNIX socket with a name that nginx has to be told in quotes': [`socket = /run/${NASTY}.sock`],
  'TCP, every address': ['socket = :9000'],
  IPv6: ['socket = [::1]:9000', 'http-socket = [::]:8080'],
  'several sockets': ['socket = /run/1.sock', 'socket = /run/2.sock', 'socket = localhost:9000'],
  HTTP: ['http-socket = 127.0.0.1:8080', 'keepalive-timeout = 0.5'],
  'HTTP without limits': [
    'http-socket = /run/shop.sock',
    'keepalive-timeout = 0',
    'harakiri = 1.5',
  ],
  'the router': ['http = :8080', 'http-keepalive = 20', 'http-timeout = 300'],
  'bodies that are streamed': ['socket = :9000', 'post-buffering = 0', 'body-timeout = 3'],
  'large heads': ['socket = :9000', 'limit-target = 100k', 'buffer-size = 200k'],
  'odd sizes': ['socket = :9000', 'limit-post = 1000001', 'post-buffering = 1'],
  directories: [
    'socket = :9000',
    'static-map = /static=/srv/files',
    'static-map = /static/=/srv/other',
    'static-map2 = /media=/srv/media',
    `static-map = /${NASTY}=/srv/${NASTY}`,
    'static-map = /dollar=/srv/$HOME',
    'static-map = relative=/srv/files',
    'check-static = /srv/www',
    'check-static = /srv/more',
    'static-index = index.html',
    'static-skip-ext = .php',
    'static-skip-ext = .a+b{c}',
  ],
};

describe('tsuwsgi-native nginx', () => {
  before(function () {
    requireProgram(this, 'nginx');
    if (!existsSync(STOCK_PARAMETERS)) skipFor(this, `${STOCK_PARAMETERS} is missing`);
  });

  for (const [title, lines] of Object.entries(ACCEPTED)) {
    it(`prints what nginx accepts: ${title}`, async () => {
      const site = writeSite(lines);
      await requireAccepted(site, await printed(site));
    });
  }

  for (const [title, line, reason] of [
    ['an abstract name', 'socket = @shop', /socket @shop is an abstract name, which nginx cannot/],
    ['a free port', 'http-socket = 127.0.0.1:0', /takes another port at each start/],
    ['an inherited socket', 'socket = fd://3', /is inherited/],
    ['no socket', 'master = true', /no socket/],
  ] as const) {
    it(`refuses ${title}, with the reason`, async () => {
      const { directory, file } = writeSite([line]);
      const result = await runCommand(process.execPath, [COMMAND, 'nginx', file], {
        cwd: directory,
      });
      assert.deepEqual([result.code, result.stdout], [1, '']);
      assert.match(result.stderr, reason);
    });
  }

  for (const socket of ['socket = %d/app.sock', 'http-socket = %d/app.sock']) {
    it(`serves through it: ${socket}`, async () => {
      const port = await serve([socket, 'chmod-socket = 666', 'limit-post = 2m', 'harakiri = 30']);
      assert.equal((await ask(port, { path: '/hello' })).text, 'hello');
      const fitting = { method: 'POST', path: '/hash', body: bodyOf(2 << 20) };
      assert.equal((await ask(port, fitting)).text, `${2 << 20} ${hashOf(2 << 20)}`);
      assert.equal((await ask(port, { ...fitting, body: bodyOf((2 << 20) + 1) })).status, 413);
    });
  }

  it('delivers files in the place of the server, and asks it for the others', async () => {
    const directory = sharedDirectory();
    write(join(directory, 'files/shop.css'), 'a file of static-map');
    write(join(directory, 'files/hidden.php'), 'source');
    write(join(directory, NASTY, NASTY), 'a file with a nasty name');
    write(join(directory, 'icon'), 'an icon');
    write(join(directory, 'www/bytes/index.html'), 'a page');
    const port = await serve(
      [
        'socket = %d/app.sock',
        'chmod-socket = 666',
        `static-map = /hello=%d/files`,
        `static-map = /${NASTY}=%d/${NASTY}`,
        'static-map = /favicon.ico=%d/icon',
        'check-static = %d/www',
        'static-index = index.html',
        'static-skip-ext = .php',
      ],
      directory,
    );
    const text = async (path: string): Promise<string> => (await ask(port, { path })).text;
    assert.equal(await text('/hello/shop.css'), 'a file of static-map');
    assert.equal(await text('/hello/missing.css'), 'hello');
    assert.equal(await text('/hello/hidden.php'), 'hello');
    assert.equal(await text('/hello'), 'hello');
    const nasty = encodeURIComponent(NASTY);
    assert.equal(await text(`/${nasty}/${nasty}`), 'a file with a nasty name');
    assert.equal(await text('/favicon.ico'), 'an icon');
    assert.equal(await text('/bytes/'), 'a page');
    assert.equal((await ask(port, { path: '/bytes/7' })).bytes, 7);
    const outside = await ask(port, { path: '/hello/../shop.ini' });
    assert.equal(outside.status, 500, 'the application knows no /shop.ini');
  });
});
