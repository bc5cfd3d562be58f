import assert from 'node:assert/strict';
import { mock } from 'node:test';
import {
  rememberingLookup,
  type FoundAddress,
} from '../../../../src/supervisor/logging/remembering-lookup.js';

const NAME = 'logs.example.org';
const IPV4 = { family: 4 } as const;

describe('the address of a name', () => {
  let asked: { host: string; wanted: unknown; found: FoundAddress }[];
  let lookup: ReturnType<typeof rememberingLookup>;

  beforeEach(() => {
    asked = [];
    lookup = rememberingLookup((host, wanted, found) => asked.push({ host, wanted, found }));
  });

  afterEach(() => mock.reset());

  const wait = (): Promise<string> =>
    new Promise((resolve, reject) => {
      lookup(NAME, IPV4, (error, address) => (error === null ? resolve(address) : reject(error)));
    });

  const later = (ms: number): void => {
    const from = performance.now() + ms;
    mock.method(performance, 'now', () => from);
  };

  it('is asked for once, of the family of the socket, and told to all who wait', async () => {
    const all = Promise.all([wait(), wait()]);
    assert.deepEqual(
      asked.map(({ host, wanted }) => [host, wanted]),
      [[NAME, IPV4]],
    );
    asked[0]?.found(null, '192.0.2.1', 4);
    assert.deepEqual(await all, ['192.0.2.1', '192.0.2.1']);
    assert.equal(await wait(), '192.0.2.1');
    assert.equal(asked.length, 1);
  });

  it('is asked for again after a minute, and kept where nobody answers then', async () => {
    const first = wait();
    asked[0]?.found(null, '192.0.2.1', 4);
    await first;
    later(61_000);
    const second = wait();
    assert.equal(asked.length, 2);
    asked[1]?.found(new Error('no answer'), '', 0);
    assert.equal(await second, '192.0.2.1');
  });

  it('is not asked for with every line where it is not found, but soon again', async () => {
    const first = wait();
    asked[0]?.found(new Error('no answer'), '', 0);
    await assert.rejects(first, /no answer/);
    await assert.rejects(wait(), /no answer/);
    assert.equal(asked.length, 1);
    later(1100);
    const third = wait();
    asked[1]?.found(null, '192.0.2.1', 4);
    assert.equal(await third, '192.0.2.1');
  });

  it('is the host itself where that is numeric', async () => {
    const found = await new Promise<unknown[]>((resolve) => {
      lookup('::1', { family: 6 }, (...told) => resolve(told));
    });
    assert.deepEqual(found, [null, '::1', 6]);
    assert.equal(asked.length, 0);
  });
});
