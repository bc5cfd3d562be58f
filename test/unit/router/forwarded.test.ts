import assert from 'node:assert/strict';
import { forwardedFields } from '../../../src/router/forwarded.js';

const CLIENT = { address: '192.0.2.1', host: 'example.org', trusts: (): boolean => false };
/** The nearest proxy and one before it are trusted. */
const PROXY = { ...CLIENT, trusts: (address: string) => /^192\.0\.2\.[12]$/.test(address) };

describe('forwarded fields', () => {
  it('name the client, its Host and the scheme', () => {
    assert.deepEqual(forwardedFields(CLIENT, {}), {
      for: '192.0.2.1',
      proto: 'http',
      host: 'example.org',
      forwarded: 'for=192.0.2.1;host=example.org;proto=http',
    });
  });

  it('replace what a client says about itself', () => {
    const lies = { for: '6.6.6.6', proto: 'https', host: 'evil', forwarded: 'for=6.6.6.6' };
    assert.deepEqual(forwardedFields(CLIENT, lies), forwardedFields(CLIENT, {}));
  });

  it('extend what a trusted proxy says', () => {
    const fields = forwardedFields(PROXY, {
      for: '203.0.113.7',
      proto: 'HTTPS',
      host: 'www.example.org',
      forwarded: 'for=203.0.113.7;proto=https',
    });
    assert.deepEqual(fields, {
      for: '203.0.113.7, 192.0.2.1',
      proto: 'https',
      host: 'www.example.org',
      forwarded: 'for=203.0.113.7;proto=https, for=192.0.2.1;host=www.example.org;proto=https',
    });
  });

  it('take over the addresses of a trusted proxy that has no Forwarded', () => {
    const { forwarded } = forwardedFields(PROXY, { for: '203.0.113.7, 2001:db8::1' });
    assert.match(forwarded, /^for=203\.0\.113\.7, for="\[2001:db8::1\]", for=192\.0\.2\.1;/);
  });

  it('are read from a trusted Forwarded where nothing else is sent', () => {
    const forwarded = 'for="[2001:db8::1]:47"; Proto=https ;host="pub.example:8443"';
    assert.deepEqual(forwardedFields(PROXY, { forwarded }), {
      for: '2001:db8::1, 192.0.2.1',
      proto: 'https',
      host: 'pub.example:8443',
      forwarded: `${forwarded}, for=192.0.2.1;host="pub.example:8443";proto=https`,
    });
  });

  it('have no more than addresses from Forwarded, whatever is called one there', () => {
    const forwarded = 'for="a, 6.6.6.6", for="", for=_x, proto=http, for="192.0.2.2:80"';
    const { for: list } = forwardedFields(PROXY, { forwarded });
    assert.equal(list, 'unknown, unknown, _x, unknown, 192.0.2.2, 192.0.2.1');
  });

  it('are not read from Forwarded beside X-Forwarded-*, which may be what the client of that proxy sent', () => {
    const received = { for: '203.0.113.7', forwarded: 'for=6.6.6.6;proto=https;host=evil' };
    const { proto, host, for: addresses } = forwardedFields(PROXY, received);
    assert.deepEqual([proto, host, addresses], ['http', 'example.org', '203.0.113.7, 192.0.2.1']);
  });

  it('are believed as far back in a Forwarded as its proxies are trusted', () => {
    const through = (list: string): string[] => {
      const { proto, host } = forwardedFields(PROXY, { forwarded: list });
      return [proto, host];
    };
    const edge = 'for=203.0.113.7;proto=https;host=pub';
    assert.deepEqual(through(`${edge}, for=192.0.2.2;proto=http`), ['https', 'pub']);
    assert.deepEqual(through(`${edge}, for=192.0.2.3;proto=http`), ['http', 'example.org']);
    assert.deepEqual(through(`${edge}, for=_hidden, for=192.0.2.2`), ['http', 'example.org']);
  });

  it('are not read from a Forwarded that is malformed', () => {
    for (const forwarded of ['for=1.2.3.4;proto=https;host="a', 'for', 'proto=https for=1', '"'])
      assert.deepEqual(forwardedFields(PROXY, { forwarded }), forwardedFields(CLIENT, {}));
  });

  it('take the scheme of two proxies from the first that is trusted', () => {
    const scheme = (list: string, proto: string): string =>
      forwardedFields(PROXY, { for: list, proto }).proto;
    assert.equal(scheme('203.0.113.7, 192.0.2.2', 'https, http'), 'https');
    assert.equal(scheme('203.0.113.7, 192.0.2.3', 'https, http'), 'http');
    assert.equal(scheme('203.0.113.7, 192.0.2.2', 'https'), 'https');
  });

  it('write every name as RFC 7239 wants it', () => {
    const names = '1.2.3.4:5678, [2001:db8::1]:9, [::1], _hidden, unknown, garbage, 1.2.3.4:x, ';
    assert.match(
      forwardedFields(PROXY, { for: names }).forwarded,
      /^for="1\.2\.3\.4:5678", for="\[2001:db8::1\]:9", for="\[::1\]", for=_hidden(, for=unknown){4}, for=192/,
    );
  });

  it('take the host of two proxies from the first that is trusted', () => {
    const host = (list: string, through = '203.0.113.7'): string =>
      forwardedFields(PROXY, { for: through, host: list }).host;
    assert.equal(host('evil, www.example.org'), 'www.example.org');
    assert.equal(host('www.example.org, inner', '203.0.113.7, 192.0.2.2'), 'www.example.org');
    assert.equal(host('www.example.org, inner', '203.0.113.7, 192.0.2.3'), 'inner');
  });

  it('have the own Host where a trusted proxy names an empty one', () => {
    assert.equal(forwardedFields(PROXY, { host: '' }).host, 'example.org');
    assert.equal(forwardedFields(PROXY, { forwarded: 'for=_a;host=""' }).host, 'example.org');
  });

  it('read a Forwarded that ends with a semicolon', () => {
    const { for: list, proto } = forwardedFields(PROXY, {
      forwarded: 'for=6.6.6.6;proto=https, for=203.0.113.7;',
    });
    assert.deepEqual({ list, proto }, { list: '6.6.6.6, 203.0.113.7, 192.0.2.1', proto: 'http' });
  });

  it('take a scheme that is none for http', () => {
    assert.equal(forwardedFields(PROXY, { proto: 'gopher' }).proto, 'http');
  });

  it('quote what is no token', () => {
    const { forwarded } = forwardedFields(
      { address: '::1', host: 'a:8080', trusts: () => false },
      {},
    );
    assert.equal(forwarded, 'for="[::1]";host="a:8080";proto=http');
    const odd = forwardedFields({ ...CLIENT, host: 'a"b\\c' }, {});
    assert.match(odd.forwarded, /host="a\\"b\\\\c"/);
  });

  it('call a client on a UNIX socket unknown', () => {
    const fields = forwardedFields({ address: '', host: '', trusts: () => false }, {});
    assert.deepEqual(fields, {
      for: '',
      proto: 'http',
      host: '',
      forwarded: 'for=unknown;proto=http',
    });
  });
});
