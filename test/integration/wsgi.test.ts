import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { get, requestText } from '../helpers/get.js';
import { requestOnce } from '../helpers/raw-socket.js';
import type { Server } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { MODES, startGateway, textOf } from './gateway-server.js';

for (const [mode, args] of MODES) {
  describe(`WSGI gateway (${mode})`, () => {
    let server: Server;
    let file: string;

    before(async () => {
      file = join(tempDir(), 'file');
      writeFileSync(file, randomBytes(300_000));
      server = await startGateway(args, { env: { TEST_FILE: file } });
    });
    after(() => server.stop());

    const known: readonly (readonly [string, string])[] = [
      ['string', 'Gr\u00fc\u00dfe'],
      ['bytes', 'bytes'],
      ['list', 'abc'],
      ['empty', ''],
      ['nothing', ''],
      ['promise', 'promised'],
    ];
    for (const [kind, body] of known) {
      it(`sends ${kind} with its length`, async () => {
        const response = await get(server.port, `/returns/${kind}`);
        assert.equal(response.status, 200);
        assert.equal(response.body.toString(), body);
        assert.equal(response.header('content-length'), String(Buffer.byteLength(body)));
        assert.equal(response.header('transfer-encoding'), undefined);
      });
    }

    const unknown: readonly (readonly [string, string])[] = [
      ['/returns/generator', 'g1 g2'],
      ['/returns/async-generator', 'a1 a2'],
      ['/returns/readable', 'r1 r2'],
      ['/returns/web', 'w1 w2'],
      ['/write', 'one two'],
    ];
    for (const [path, body] of unknown) {
      it(`sends ${path} in chunks, and to HTTP/1.0 until the end of the connection`, async () => {
        const response = await get(server.port, path);
        assert.equal(response.text, body);
        assert.equal(response.header('transfer-encoding'), 'chunked');
        const old = await requestOnce(server.port, `GET ${path} HTTP/1.0\r\n\r\n`);
        assert.equal(old.text, body);
        assert.equal(old.header('transfer-encoding'), undefined);
      });
    }

    for (const kind of ['path', 'handle', 'read-stream']) {
      it(`sends a file given as ${kind}`, async () => {
        const response = await get(server.port, `/returns/${kind}`);
        assert.equal(response.header('content-length'), '300000');
        assert.deepEqual(response.body, readFileSync(file));
      });
    }

    it('sends heads without bodies for HEAD', async () => {
      for (const [kind, length] of [
        ['string', '7'],
        ['path', '300000'],
        ['generator', undefined],
      ] as const) {
        const request = requestText('HEAD', `/returns/${kind}`);
        const response = await requestOnce(server.port, request, { method: 'HEAD' });
        assert.equal(response.status, 200);
        assert.equal(response.header('content-length'), length);
      }
    });

    it('gives the application a complete environ', async () => {
      const path = '/environ/%C3%BC%2F?x=%20';
      const response = await get(server.port, path, [
        'X-Custom: caf\u00e9',
        'Cookie: a=1',
        'Cookie: b=2',
        'Proxy: evil',
        'X_Custom: shadow',
      ]);
      const environ = JSON.parse(response.text) as Record<string, unknown>;
      const expected = {
        REQUEST_METHOD: 'GET',
        SCRIPT_NAME: '',
        PATH_INFO: '/environ/\u00fc/',
        QUERY_STRING: 'x=%20',
        REQUEST_URI: path,
        SERVER_NAME: hostname(),
        SERVER_PORT: String(server.port),
        SERVER_PROTOCOL: 'HTTP/1.1',
        REMOTE_ADDR: '127.0.0.1',
        HTTP_HOST: 'test',
        HTTP_CONNECTION: 'close',
        HTTP_X_CUSTOM: 'caf\u00e9',
        HTTP_COOKIE: 'a=1; b=2',
        'wsgi.url_scheme': 'http',
        'wsgi.multithread': mode === 'pool mode',
        'wsgi.multiprocess': false,
        'wsgi.run_once': false,
      };
      for (const [key, value] of Object.entries(expected)) assert.equal(environ[key], value, key);
      assert.match(String(environ['REMOTE_PORT']), /^\d+$/);
      assert.equal('HTTP_PROXY' in environ, false);
    });

    it('gives the same environ on the tenth request as on the first', async () => {
      const lines = ['User-Agent: test/1.0', 'Accept: */*', 'X-Number: 7'];
      const ids = new Set<unknown>();
      const environs = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const { text } = await get(server.port, '/environ', lines);
          const {
            REMOTE_PORT: port,
            'uwsgi.core': core,
            'tsuwsgi.request_id': id,
            ...rest
          } = JSON.parse(text) as Record<string, unknown>;
          assert.ok(port !== undefined && core !== undefined);
          ids.add(id);
          return rest;
        }),
      );
      for (const environ of environs) assert.deepEqual(environ, environs[0]);
      assert.equal(ids.size, 10);
    });

    it('writes wsgi.errors to the log', async () => {
      await textOf(server, '/log');
      await server.log.waitFor(/^a line from the application$/);
    });
  });
}
