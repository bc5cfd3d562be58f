import assert from 'node:assert/strict';
import { forwardedFields } from '../../../src/router/forwarded.js';

const CLIENT = { address: '192.0.2.1', host: 'example.org', trusted: false };
const PROXY = { ...CLIENT, trusted: true };

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

  it('take a scheme that is none for http', () => {
    assert.equal(forwardedFields(PROXY, { proto: 'gopher' }).proto, 'http');
  });

  it('quote what is no token', () => {
    const { forwarded } = forwardedFields({ address: '::1', host: 'a:8080', trusted: false }, {});
    assert.equal(forwarded, 'for="[::1]";host="a:8080";proto=http');
    const odd = forwardedFields({ ...CLIENT, host: 'a"b\\c' }, {});
    assert.match(odd.forwarded, /host="a\\"b\\\\c"/);
  });

  it('call a client on a UNIX socket unknown', () => {
    const fields = forwardedFields({ address: '', host: '', trusted: false }, {});
    assert.deepEqual(fields, {
      for: '',
      proto: 'http',
      host: '',
      forwarded: 'for=unknown;proto=http',
    });
  });
});
