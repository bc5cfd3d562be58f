import assert from 'node:assert/strict';
import { resolveAddresses } from '../../../src/binding/resolve-addresses.js';
import type { SocketAddress, TcpAddress } from '../../../src/config/address.js';

const named = (host: string): TcpAddress => ({
  kind: 'tcp',
  host,
  port: 80,
  text: `${host}:80`,
});

const V4 = { address: '192.0.2.1', family: 4 };
const V6 = { address: '2001:db8::1', family: 6 };

describe('resolving addresses', () => {
  it('leaves numeric addresses alone', async () => {
    const addresses = [named('0.0.0.0'), named('::1')];
    const never = (): Promise<never> => Promise.reject(new Error('not to be asked'));
    assert.deepEqual(await resolveAddresses(addresses, never), addresses);
  });

  it('leaves what has no host alone', async () => {
    const addresses: SocketAddress[] = [
      { kind: 'unix', name: 'app.sock', abstractName: false, text: 'app.sock' },
      { kind: 'fd', fd: 3, text: 'fd://3' },
    ];
    const never = (): Promise<never> => Promise.reject(new Error('not to be asked'));
    assert.deepEqual(await resolveAddresses(addresses, never), addresses);
  });

  it('takes IPv4 where there is one, else the first', async () => {
    const [both] = await resolveAddresses([named('both')], () => Promise.resolve([V6, V4]));
    assert.equal(both?.host, '192.0.2.1');
    assert.equal(both.text, 'both:80');
    const [only] = await resolveAddresses([named('six')], () => Promise.resolve([V6]));
    assert.equal(only?.host, '2001:db8::1');
  });

  it('says which address has a name that cannot be resolved', async () => {
    const failing = (): Promise<never> => Promise.reject(new Error('ENOTFOUND'));
    await assert.rejects(
      resolveAddresses([named('nowhere.invalid')], failing),
      /host name of nowhere\.invalid:80 cannot be resolved/,
    );
    await assert.rejects(resolveAddresses([named('empty')], () => Promise.resolve([])));
  });

  it('asks the system', async () => {
    const [local] = await resolveAddresses([named('localhost')]);
    assert.match(local?.host ?? '', /^(127\.0\.0\.1|::1)$/);
  });
});
