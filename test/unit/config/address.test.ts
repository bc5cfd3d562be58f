import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAddress } from '../../../src/config/address.js';

function read(text: string): { host: string; port: number } {
  const parsed = parseAddress(text);
  assert.ok(parsed.ok, parsed.ok ? '' : `${text} ${parsed.reason}`);
  assert.equal(parsed.value.text, text);
  assert.ok(parsed.value.kind === 'tcp');
  return { host: parsed.value.host, port: parsed.value.port };
}

/** A path, or `@name`. */
function readUnix(text: string): string {
  const parsed = parseAddress(text);
  assert.ok(parsed.ok, parsed.ok ? '' : `${text} ${parsed.reason}`);
  assert.ok(parsed.value.kind === 'unix', `${text} is ${parsed.value.kind}`);
  return `${parsed.value.abstractName ? '@' : ''}${parsed.value.name}`;
}

function reason(text: string): string {
  const parsed = parseAddress(text);
  assert.ok(!parsed.ok, `${text} was taken`);
  return parsed.reason;
}

describe('addresses', () => {
  it('are a host and a port', () => {
    assert.deepEqual(read('127.0.0.1:8080'), { host: '127.0.0.1', port: 8080 });
    assert.deepEqual(read('localhost:80'), { host: 'localhost', port: 80 });
    assert.deepEqual(read('web-1.example.org:80'), { host: 'web-1.example.org', port: 80 });
  });

  it('stand for every IPv4 address without a host', () => {
    assert.deepEqual(read(':8080'), { host: '0.0.0.0', port: 8080 });
    assert.deepEqual(read('*:8080'), { host: '0.0.0.0', port: 8080 });
  });

  it('ask for a free port with 0 or none', () => {
    assert.deepEqual(read('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
    assert.deepEqual(read('localhost:'), { host: 'localhost', port: 0 });
  });

  it('have brackets around IPv6', () => {
    assert.deepEqual(read('[::1]:8080'), { host: '::1', port: 8080 });
    assert.deepEqual(read('[::]:0'), { host: '::', port: 0 });
    assert.match(reason('2001:db8::1:abcd'), /write \[2001:db8::1:abcd\]:port/);
    assert.match(reason('::1:8080'), /write \[::1\]:8080/);
    assert.match(reason('fe80::1:8080'), /brackets/);
    assert.match(reason('[localhost]:80'), /no IPv6 address between its brackets/);
  });

  it('are refused with a reason that helps', () => {
    assert.match(reason(''), /is empty/);
    assert.match(reason(':'), /neither host nor port/);
    assert.match(reason(':80,:81'), /repeat the option/);
    assert.match(reason('8080'), /write :8080 for that port$/);
    assert.match(reason('localhost'), /write localhost:port/);
    assert.match(reason('192.168.*:80'), /write :80/);
    assert.match(reason('=0'), /shared socket/);
    assert.match(reason('http://localhost:80'), /is a URL/);
    assert.match(reason('127.0.0.1'), /write 127\.0\.0\.1:port/);
    assert.match(reason('/tmp/'), /is a directory/);
    assert.match(reason('@'), /no name/);
    assert.match(reason('unix:'), /no name/);
    assert.match(reason('fd://x'), /is a URL/);
    assert.match(reason('256.0.0.1:80'), /no valid IPv4 address: 256\.0\.0\.1/);
    assert.match(reason('a b:80'), /no host name/);
    assert.match(reason('localhost:http'), /not a number: http/);
    assert.match(reason('localhost:65536'), /above 65535/);
  });

  it('are paths where there is no colon, or where they begin like one', () => {
    assert.equal(readUnix('/run/app.sock'), '/run/app.sock');
    assert.equal(readUnix('app.sock'), 'app.sock');
    assert.equal(readUnix('run/app'), 'run/app');
    assert.equal(readUnix('./a:1'), './a:1');
    assert.equal(readUnix('../a,b'), '../a,b');
    assert.equal(readUnix('unix:/run/app.sock'), '/run/app.sock');
  });

  it('are abstract names behind @', () => {
    assert.equal(readUnix('@app'), '@app');
    assert.equal(readUnix('\\0app'), '@app');
    assert.equal(readUnix('unix:@app'), '@app');
    assert.equal(readUnix('@a:b/c'), '@a:b/c');
  });

  it('have room for 107 bytes of a path', () => {
    const longest = `/${'é'.repeat(53)}`;
    assert.equal(readUnix(longest), longest);
    assert.match(reason(`${longest}x`), /is too long for a UNIX socket: 108 bytes, at most 107/);
    assert.match(reason(`@${'a'.repeat(108)}`), /108 bytes/);
  });

  it('are inherited descriptors as fd://', () => {
    const parsed = parseAddress('fd://3');
    assert.deepEqual(parsed, { ok: true, value: { kind: 'fd', fd: 3, text: 'fd://3' } });
  });

  it('keep every valid IPv4 address and port', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 65_535 }), (host, port) => {
        assert.deepEqual(read(`${host}:${port}`), { host, port });
      }),
    );
  });

  it('keep every valid IPv6 address and port', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 0, max: 65_535 }), (host, port) => {
        assert.deepEqual(read(`[${host}]:${port}`), { host, port });
      }),
    );
  });

  it('answer any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseAddress(text);
        if (!parsed.ok) assert.match(parsed.reason, /^(is|has|names) /);
        else if (parsed.value.kind === 'tcp') {
          assert.ok(parsed.value.host !== '' && parsed.value.port <= 65_535);
        } else if (parsed.value.kind === 'unix') assert.ok(parsed.value.name !== '');
      }),
    );
  });
});
