import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { get, requestText } from '../helpers/get.js';
import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer } from '../helpers/server.js';

const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

describe('examples', () => {
  it('hello', async () => {
    const server = await startServer(['--wsgi-file', example('hello/hello.ts')]);
    const response = await get(server.port, '/');
    assert.equal(response.text, 'Hello World');
    assert.equal(response.header('content-type'), 'text/html');
  });

  it('streaming', async () => {
    const server = await startServer(['--wsgi-file', example('streaming/streaming.ts')]);
    const numbers = await get(server.port, '/numbers', [], { limitMs: 20_000 });
    assert.ok(numbers.text.endsWith('\n999999\n1000000\n'));
    const socket = await RawSocket.connect(server.port);
    await socket.send(requestText('GET', '/clock'));
    await socket.readUntil('Z\n', 'the first line');
    socket.reset();
    assert.equal((await get(server.port, '/else')).status, 404);
  });

  it('upload, buffered and streamed', async () => {
    const body = 'one\ntwo\n';
    const post = (path: string): string =>
      requestText('POST', path, [`Content-Length: ${body.length}`]) + body;
    const digest = createHash('sha256').update(body).digest('hex');
    const buffered = await startServer(['--wsgi-file', example('upload/upload.ts')]);
    assert.equal((await requestOnce(buffered.port, post('/lines'))).text, '2 lines\n');
    assert.equal((await requestOnce(buffered.port, post('/sha256'))).text, `${digest}\n`);
    const streamed = await startServer([
      '--post-buffering',
      '0',
      '--wsgi-file',
      example('upload/upload.ts'),
    ]);
    assert.equal((await requestOnce(streamed.port, post('/sha256'))).text, `${digest}\n`);
    const refused = await requestOnce(streamed.port, post('/lines'));
    assert.equal(refused.status, 501);
    assert.match(refused.text, /--post-buffering/);
  });

  it('files', async () => {
    const server = await startServer(['--wsgi-file', example('files/files.ts')]);
    const readme = await get(server.port, '/README.md');
    assert.deepEqual(readme.body, readFileSync('README.md'));
    for (const path of ['/%2e%2e/%2e%2e/etc/passwd', '/none', '/', '/docs', '/docs/'])
      assert.equal((await get(server.port, path)).status, 404, path);
  });

  it('cooperation of workers', async () => {
    const server = await startServer([
      ...['--processes', '2', '--cache2', 'name=shared,items=100'],
      ...['--wsgi-file', example('cooperation/cooperation.ts')],
    ]);
    const texts = async (path: string): Promise<string[]> => {
      const responses = await Promise.all(Array.from({ length: 8 }, () => get(server.port, path)));
      return responses.map(({ text }) => text);
    };
    const visits = (await texts('/')).map((text) => Number(/^visit (\d+),/.exec(text)?.[1]));
    assert.deepEqual(
      visits.sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.deepEqual([...new Set(await texts('/report'))].length, 1);
    assert.match((await get(server.port, '/workers')).text, /^1\t\d+\t\w+\t\d+ requests\n2\t/);
    await server.stop();
    assert.equal(server.log.matching(/worker \d leaves/).length, 2);
  });

  it('middleware', async () => {
    const server = await startServer(['--module', `${example('middleware/middleware')}:make()`]);
    const response = await get(server.port, '/', ['X-Request-Id: abc']);
    assert.equal(response.text, 'this is request abc\n');
    assert.equal(response.header('x-request-id'), 'abc');
  });
});
