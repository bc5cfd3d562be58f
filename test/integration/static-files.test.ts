import assert from 'node:assert/strict';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { requestOnce } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';

const APP = `export const application = (environ, startResponse) => {
  startResponse('200 OK', [['X-App', 'yes']]);
  return 'app ' + environ.PATH_INFO;
};`;

function site(): string {
  const directory = tempFiles({
    'app.mjs': APP,
    'secret.txt': 'secret',
    'safe/shared.txt': 'shared',
    'static/a.css': 'body{}',
    'static/empty.txt': '',
    'static/with space.txt': 'space',
    'static/page.html': '<p>plain</p>',
    'static/page.html.gz': 'zipped',
    'static/page.html.br': 'brotli',
    'static/sub/index.html': 'index',
    'static/data.nope': 'x',
    'static/code.php': 'php',
    'static2/b/two.js': 'two',
    types: 'application/x-nope nope\n',
  });
  const at = (name: string): string => join(directory, name);
  symlinkSync(at('secret.txt'), at('static/evil'));
  symlinkSync(directory, at('static/up'));
  symlinkSync(at('safe/shared.txt'), at('static/shared.txt'));
  symlinkSync(at('static/a.css'), at('static/inside.css'));
  mkdirSync(at('static/noindex'));
  writeFileSync(at('static/large.bin'), Buffer.alloc(300_000, 7));
  return directory;
}

const OPTIONS = [
  ...[
    '--static-map',
    '/static=static',
    '--static-map2',
    '/b=static2',
    '--static-index',
    'index.html',
  ],
  ...['--static-safe', 'safe', '--static-skip-ext', '.php', '--mimefile', 'types'],
  ...[
    '--static-gzip',
    '\\.html$',
    '--static-expires',
    '\\.css$ 3600',
    '--add-header',
    'X-Added: 1',
  ],
];

describe('static files', () => {
  let server: Server;
  let directory: string;

  before(async () => {
    directory = site();
    server = await startServer([...OPTIONS, '--wsgi-file', 'app.mjs'], { cwd: directory });
  });
  after(async () => {
    await server.stop();
  });

  const ask = (path: string, ...lines: string[]) => get(server.port, path, lines);

  it('have type, length and date, and come for GET and HEAD', async () => {
    const response = await ask('/static/a.css');
    assert.deepEqual([response.status, response.text], [200, 'body{}']);
    assert.equal(response.header('content-type'), 'text/css');
    assert.equal(response.header('content-length'), '6');
    const modified = statSync(join(directory, 'static/a.css')).mtime.toUTCString();
    assert.equal(response.header('last-modified'), modified);
    assert.ok(Date.parse(response.header('expires') ?? '') > Date.now() + 3_500_000);
    assert.equal(response.header('x-added'), '1');
    const head = 'HEAD /static/a.css HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n';
    const answer = await requestOnce(server.port, head, { method: 'HEAD' });
    assert.deepEqual([answer.header('content-length'), answer.text], ['6', '']);
    assert.equal((await ask('/static/empty.txt')).header('content-length'), '0');
    assert.equal((await ask('/static/with%20space.txt')).text, 'space');
    assert.equal((await ask('/static/data.nope')).header('content-type'), 'application/x-nope');
    assert.equal((await ask('/static/large.bin')).body.length, 300_000);
  });

  it('come from every kind of map, from an index, and through links that are allowed', async () => {
    assert.equal((await ask('/b/two.js')).text, 'two');
    for (const path of ['/static/sub', '/static/sub/', '/static/sub/index.html'])
      assert.equal((await ask(path)).text, 'index', path);
    assert.equal((await ask('/static/shared.txt')).text, 'shared');
    assert.equal((await ask('/static/inside.css')).text, 'body{}');
  });

  it('leave everything else to the application', async () => {
    const post =
      'POST /static/a.css HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
    assert.equal((await requestOnce(server.port, post)).text, 'app /static/a.css');
    for (const path of [
      ...['/', '/static', '/static/none.css', '/staticx/a.css', '/static/noindex'],
      ...['/static/code.php', '/static/a.css/', '/static/a.css/x', '/b', '/static/%00a.css'],
    ]) {
      const response = await ask(path);
      assert.deepEqual([response.status, response.header('x-app')], [200, 'yes'], path);
    }
  });

  it('never come from outside of their directory', async () => {
    for (const path of [
      ...[
        '/static/evil',
        '/static/up/secret.txt',
        '/static/../secret.txt',
        '/static/..%2fsecret.txt',
      ],
      ...['/static/%2e%2e/secret.txt', '/static/sub/../../secret.txt', '/static//etc/passwd'],
      ...['/static/%2fetc%2fpasswd', '/static/..%5csecret.txt', '/static/up/../secret.txt'],
      '/static/....//secret.txt',
    ]) {
      const response = await ask(path);
      assert.doesNotMatch(response.text, /^secret|root:/, path);
    }
    assert.match(server.log.text, /security error: \/static\/evil leads out of its directory/);
  });

  it('are not sent again to whoever has them', async () => {
    const date = (await ask('/static/a.css')).header('last-modified') ?? '';
    const same = await ask('/static/a.css', `If-Modified-Since: ${date}`);
    assert.deepEqual([same.status, same.text], [304, '']);
    const older = 'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT';
    assert.equal((await ask('/static/a.css', older)).status, 200);
  });

  it('come in parts', async () => {
    const part = await ask('/static/a.css', 'Range: bytes=1-3');
    assert.deepEqual([part.status, part.text], [206, 'ody']);
    assert.equal(part.header('content-range'), 'bytes 1-3/6');
    const large = await ask('/static/large.bin', 'Range: bytes=-5');
    assert.deepEqual([large.status, large.body.length], [206, 5]);
    const none = await ask('/static/a.css', 'Range: bytes=6-');
    assert.deepEqual([none.status, none.header('content-range')], [416, 'bytes */6']);
    assert.equal((await ask('/static/a.css', 'Range: bytes=0-1,3-4')).status, 200);
    const old = await ask(
      '/static/a.css',
      'Range: bytes=1-3',
      'If-Range: Thu, 01 Jan 1970 00:00:00 GMT',
    );
    assert.equal(old.status, 200);
  });

  it('come compressed where there is such a file and the client takes it', async () => {
    const brotli = await ask('/static/page.html', 'Accept-Encoding: gzip, br');
    assert.deepEqual([brotli.text, brotli.header('content-encoding')], ['brotli', 'br']);
    assert.equal(brotli.header('content-type'), 'text/html');
    assert.equal((await ask('/static/page.html', 'Accept-Encoding: gzip')).text, 'zipped');
    const plain = await ask('/static/page.html');
    assert.deepEqual([plain.text, plain.header('content-encoding')], ['<p>plain</p>', undefined]);
    assert.equal(plain.header('vary'), 'Accept-Encoding');
    assert.equal((await ask('/static/a.css', 'Accept-Encoding: gzip')).header('vary'), undefined);
  });
});

describe('static files and applications at mount points', () => {
  it('are checked first, and applications get SCRIPT_NAME', async () => {
    const directory = site();
    writeFileSync(
      join(directory, 'other.mjs'),
      `export const run = (environ, startResponse) => {
        startResponse('200 OK', []);
        return ['other', environ.SCRIPT_NAME, environ.PATH_INFO, globalThis.prepared, process.cwd()].join(' ');
      };`,
    );
    writeFileSync(join(directory, 'prepare.mjs'), 'globalThis.prepared = "ready";');
    const server = await startServer(
      [
        ...['--check-static', 'static', '--mount', '/other=other.mjs:run', '--manage-script-name'],
        ...['--import', 'prepare', '--chdir2', 'static', '--wsgi-file', 'app.mjs'],
      ].map((arg) => arg.replace('other.mjs:run', './other:run')),
      { cwd: directory },
    );
    assert.equal((await get(server.port, '/a.css')).text, 'body{}');
    assert.equal((await get(server.port, '/x')).text, 'app /x');
    const mounted = await get(server.port, '/other/x');
    assert.equal(mounted.text, `other /other /x ready ${join(directory, 'static')}`);
    assert.match(server.log.text, /WSGI app 1 \(mountpoint='\/other'\) ready/);
  });
});
