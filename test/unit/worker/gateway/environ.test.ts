import assert from 'node:assert/strict';
import type { Environ } from '../../../../src/app/types.js';
import { environOf, gatewayFor } from '../gateway-harness.js';

describe('environ', () => {
  it('has the CGI variables of the request', () => {
    const environ = environOf({ method: 'POST', target: '/a%20b/c?x=1&y=%20' });
    assert.equal(environ.REQUEST_METHOD, 'POST');
    assert.equal(environ.SCRIPT_NAME, '');
    assert.equal(environ.PATH_INFO, '/a b/c');
    assert.equal(environ.QUERY_STRING, 'x=1&y=%20');
    assert.equal(environ.REQUEST_URI, '/a%20b/c?x=1&y=%20');
    assert.equal(environ.SERVER_PROTOCOL, 'HTTP/1.1');
    assert.equal(environ.SERVER_NAME, 'host.example');
  });

  it('has an empty QUERY_STRING without a question mark, and after a bare one', () => {
    assert.equal(environOf({ target: '/path' }).QUERY_STRING, '');
    assert.equal(environOf({ target: '/path?' }).QUERY_STRING, '');
    assert.equal(environOf({ target: '/path?' }).REQUEST_URI, '/path?');
  });

  it('says HTTP/1.0 where the request did', () => {
    assert.equal(environOf({ http10: true }).SERVER_PROTOCOL, 'HTTP/1.0');
  });

  it('has known and unknown header fields', () => {
    const environ = environOf({
      headers: [
        ['CONTENT_TYPE', 'text/plain'],
        ['CONTENT_LENGTH', '0'],
        ['HTTP_HOST', 'www.example'],
        ['HTTP_X_ODD', 'caf\u00e9'],
        ['HTTP_ACCEPT', ''],
      ],
    });
    assert.equal(environ.CONTENT_TYPE, 'text/plain');
    assert.equal(environ.CONTENT_LENGTH, '0');
    assert.equal(environ.HTTP_HOST, 'www.example');
    assert.equal(environ['HTTP_X_ODD'], 'caf\u00e9');
    assert.equal(environ.HTTP_ACCEPT, '');
    assert.equal('CONTENT_TYPE' in environOf({}), false);
  });

  it('has the wsgi, uwsgi and tsuwsgi entries', () => {
    const environ = environOf({});
    assert.deepEqual(environ['wsgi.version'], [1, 0]);
    assert.equal(environ['wsgi.url_scheme'], 'http');
    assert.equal(environ['wsgi.multithread'], true);
    assert.equal(environ['wsgi.multiprocess'], false);
    assert.equal(environ['wsgi.run_once'], false);
    assert.equal(environ['wsgi.input_terminated'], true);
    assert.equal(typeof environ['wsgi.file_wrapper'], 'function');
    assert.equal(environ['uwsgi.version'], '1.2.3');
    assert.equal(environ['uwsgi.node'], 'host.example');
    assert.equal(environ['tsuwsgi.signal'].aborted, false);
    assert.equal(environ['wsgi.input'].read().length, 0);
  });

  it('is a plain object whose keys can be listed, spread, tested and extended', () => {
    const environ = environOf({ headers: [['HTTP_HOST', 'www.example']] });
    assert.equal(Object.getPrototypeOf(environ), Object.prototype);
    const keys = Object.keys(environ);
    for (const key of ['REQUEST_METHOD', 'HTTP_HOST', 'wsgi.input', 'tsuwsgi.signal']) {
      assert.ok(keys.includes(key), key);
      assert.ok(Object.hasOwn({ ...environ }, key), key);
      assert.equal(Object.getOwnPropertyDescriptor(environ, key)?.writable, true, key);
    }
    environ['my.key'] = 1;
    assert.equal({ ...environ }['my.key'], 1);
  });

  it('names peer, port and I/O loop of the connection', () => {
    const seen: Environ[] = [];
    const { core } = gatewayFor((environ, startResponse) => {
      seen.push(environ);
      startResponse('200 OK', []);
      return '';
    });
    const onLoopTwo = (2 << 24) | 7;
    core.putPeer(3, '192.0.2.1', 50001);
    core.putPeer(onLoopTwo, '2001:db8::1', 50002, 1);
    core.putRequest({ connection: 3, slot: 1 });
    core.putRequest({ connection: onLoopTwo, slot: 2 });
    core.putPeer(3, '192.0.2.9', 50003);
    core.putRequest({ connection: 3, slot: 3 });
    core.run();
    assert.deepEqual(
      seen.map((e) => [e.REMOTE_ADDR, e.REMOTE_PORT, e.SERVER_PORT, e['uwsgi.core']]),
      [
        ['192.0.2.1', '50001', '9090', 0],
        ['2001:db8::1', '50002', '80', 2],
        ['192.0.2.9', '50003', '9090', 0],
      ],
    );
  });

  describe('of a packet', () => {
    const VARS = [
      ['PATH_INFO', '/caf\u00c3\u00a9 %41'],
      ['SCRIPT_NAME', '/\u00c3\u00a4'],
      ['QUERY_STRING', 'given'],
      ['SERVER_PROTOCOL', 'HTTP/2.0'],
      ['SERVER_NAME', 'front.example'],
      ['SERVER_PORT', '443'],
      ['REMOTE_ADDR', '192.0.2.1'],
      ['REMOTE_PORT', '5'],
      ['HTTP_HOST', 'www.example'],
    ] as const;

    it('is what the front server says', () => {
      const environ = environOf({ uwsgi: 'http', target: '/raw?target', headers: VARS });
      assert.equal(environ.REQUEST_URI, '/raw?target');
      assert.equal(environ.PATH_INFO, '/caf\u00e9 %41');
      assert.equal(environ.SCRIPT_NAME, '/\u00e4');
      assert.equal(environ.QUERY_STRING, 'given');
      assert.equal(environ.SERVER_PROTOCOL, 'HTTP/2.0');
      assert.equal(environ.SERVER_NAME, 'front.example');
      assert.equal(environ.SERVER_PORT, '443');
      assert.equal(environ.REMOTE_ADDR, '192.0.2.1');
      assert.equal(environ.REMOTE_PORT, '5');
      assert.equal(environ.HTTP_HOST, 'www.example');
      assert.equal(environ['wsgi.url_scheme'], 'http');
    });

    it('is what connection and target say where the front server does not', () => {
      const environ = environOf({ uwsgi: 'https', http10: true, target: '/a%20b?c' });
      assert.equal(environ.PATH_INFO, '/a b');
      assert.equal(environ.SCRIPT_NAME, '');
      assert.equal(environ.QUERY_STRING, 'c');
      assert.equal(environ.SERVER_PROTOCOL, 'HTTP/1.0');
      assert.equal(environ.SERVER_NAME, 'host.example');
      assert.equal(environ['wsgi.url_scheme'], 'https');
    });

    it('keeps a path and a query that are given empty', () => {
      const headers = [
        ['PATH_INFO', ''],
        ['QUERY_STRING', ''],
      ] as const;
      const environ = environOf({ uwsgi: 'http', target: '/app?x', headers });
      assert.equal(environ.PATH_INFO, '');
      assert.equal(environ.QUERY_STRING, '');
    });

    it('has of a target without PATH_INFO what SCRIPT_NAME leaves of it', () => {
      const pathOf = (target: string, script: string): string =>
        environOf({ uwsgi: 'http', target, headers: [['SCRIPT_NAME', script]] }).PATH_INFO;
      assert.equal(pathOf('/app', '/app'), '');
      assert.equal(pathOf('/app?x', '/app'), '');
      assert.equal(pathOf('/app/x%20y?z', '/app'), '/x y');
      assert.equal(pathOf('/caf%C3%A9/x', '/caf\u00c3\u00a9'), '/x');
      assert.equal(pathOf('http://host/app/', '/app'), '/');
      assert.equal(pathOf('/before/a/rewrite', '/app'), '');
      assert.equal(pathOf('/apple', '/app'), '');
      assert.equal(pathOf('/app', ''), '/app');
      assert.equal(pathOf('*', ''), '*');
    });

    it('has the keys of a request over HTTP', () => {
      const packet = Object.keys(environOf({ uwsgi: 'http', target: '/a' }));
      assert.deepEqual(packet, Object.keys(environOf({ target: '/a' })));
    });
  });

  describe('templates', () => {
    const headers = Array.from({ length: 20 }, (_, i) => [`HTTP_X_${i}`, `value ${i}`] as const);

    function collect(): {
      readonly seen: Environ[];
      readonly core: ReturnType<typeof gatewayFor>['core'];
    } {
      const seen: Environ[] = [];
      const { core } = gatewayFor((environ, startResponse) => {
        seen.push({ ...environ });
        environ.HTTP_X_0 = 'changed by the application';
        environ['added'] = true;
        startResponse('200 OK', []);
        return '';
      });
      return { seen, core };
    }

    it('repeat what parsing gave, whatever the application did to its copy', () => {
      const { seen, core } = collect();
      core.putPeer(1, '192.0.2.1', 1);
      core.putPeer(2, '192.0.2.2', 2);
      core.putRequest({ target: '/first?a', headers, template: { id: 5, use: 'define' } });
      core.putRequest({ template: { id: 5, use: 'same-line' }, connection: 2 });
      core.run();
      const [first, second] = seen as [Environ, Environ];
      assert.equal(second.HTTP_X_0, 'value 0');
      assert.equal('added' in second, false);
      assert.deepEqual(Object.keys(second), Object.keys(first));
      const {
        REMOTE_ADDR,
        REMOTE_PORT,
        'wsgi.input': input,
        'tsuwsgi.signal': signal,
        ...rest
      } = second;
      assert.deepEqual([REMOTE_ADDR, REMOTE_PORT], ['192.0.2.2', '2']);
      assert.notEqual(input, first['wsgi.input']);
      assert.notEqual(signal, first['tsuwsgi.signal']);
      for (const [key, value] of Object.entries(rest)) assert.equal(value, first[key], key);
    });

    it('take a new request line and keep it', () => {
      const { seen, core } = collect();
      core.putRequest({ target: '/first?a', headers, template: { id: 5, use: 'define' } });
      core.putRequest({
        method: 'PUT',
        target: '/%41?b',
        template: { id: 5, use: 'hit' },
        http10: true,
      });
      core.putRequest({ template: { id: 5, use: 'same-line' } });
      core.run();
      for (const environ of seen.slice(1)) {
        assert.equal(environ.REQUEST_METHOD, 'PUT');
        assert.equal(environ.PATH_INFO, '/A');
        assert.equal(environ.QUERY_STRING, 'b');
        assert.equal(environ.REQUEST_URI, '/%41?b');
        assert.equal(environ.SERVER_PROTOCOL, 'HTTP/1.0');
        assert.equal(environ['HTTP_X_19'], 'value 19');
      }
    });

    it('may be defined anew', () => {
      const { seen, core } = collect();
      core.putRequest({ headers, template: { id: 5, use: 'define' } });
      core.putRequest({ headers: [['HTTP_HOST', 'b']], template: { id: 5, use: 'define' } });
      core.putRequest({ template: { id: 5, use: 'same-line' } });
      core.run();
      assert.equal(seen[2]?.HTTP_HOST, 'b');
      assert.equal('HTTP_X_1' in seen[2], false);
    });
  });
});
