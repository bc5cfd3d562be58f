import assert from 'node:assert/strict';
import { parseNetworks } from '../../../src/config/network.js';
import { TrustedNetworks } from '../../../src/router/trusted-networks.js';

function trusting(text: string): TrustedNetworks {
  const parsed = parseNetworks(text);
  assert.ok(parsed.ok, text);
  return new TrustedNetworks(parsed.value);
}

describe('trusted networks', () => {
  it('are single addresses, networks and UNIX sockets', () => {
    const trusted = trusting('192.0.2.1, 10.0.0.0/8,2001:db8::/32,unix');
    for (const address of ['192.0.2.1', '10.255.0.1', '2001:db8:1::1', '']) {
      assert.ok(trusted.has(address), address);
    }
    for (const address of ['192.0.2.2', '11.0.0.1', '2001:db9::1']) {
      assert.ok(!trusted.has(address), address);
    }
  });

  it('do not have UNIX sockets unless they are named', () => {
    assert.ok(!trusting('0.0.0.0/0,::/0').has(''));
  });

  it('know an IPv4 client of an IPv6 socket', () => {
    assert.ok(trusting('10.0.0.0/8').has('::ffff:10.1.2.3'));
  });

  for (const [text, reason] of [
    ['', /no network: ;/],
    ['10.0.0.0/33', /more than 32 bits/],
    ['::/129', /more than 128 bits/],
    ['10.0.0.0/', /no network/],
    ['10.0.0', /no network: 10\.0\.0;/],
    ['example.org', /no network: example\.org;/],
    ['10.0.0.1,,::1', /no network/],
  ] as const) {
    it(`refuse ${JSON.stringify(text)}`, () => {
      const parsed = parseNetworks(text);
      assert.ok(!parsed.ok);
      assert.match(parsed.reason, reason);
    });
  }
});
