import assert from 'node:assert/strict';
import { parseBackends, type BackendAddress } from '../../../src/config/backend-address.js';

function backends(text: string): readonly BackendAddress[] {
  const parsed = parseBackends(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

describe('addresses of backends', () => {
  it('are TCP addresses, paths and abstract names', () => {
    assert.deepEqual(backends('example.org:3031, /run/a.sock,@name'), [
      { kind: 'tcp', host: 'example.org', port: 3031, text: 'example.org:3031' },
      { kind: 'unix', path: '/run/a.sock', text: '/run/a.sock' },
      { kind: 'unix', path: '\0name', text: '@name' },
    ]);
  });

  it('mean this machine where they name every address of one', () => {
    const hosts = [':3031', '[::]:3031', '[2001:db8::1]:3031'].map((text) => backends(text)[0]);
    assert.deepEqual(
      hosts.map((backend) => (backend?.kind === 'tcp' ? backend.host : undefined)),
      ['127.0.0.1', '::1', '2001:db8::1'],
    );
  });

  for (const text of ['', ':3031,', '127.0.0.1:', ':0', 'fd://3', 'http://a:1', '3031']) {
    it(`refuse ${JSON.stringify(text)}`, () => assert.ok(!parseBackends(text).ok));
  }
});
