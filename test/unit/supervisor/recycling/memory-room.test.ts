import assert from 'node:assert/strict';
import { lackOfMemory, memoryRoom } from '../../../../src/supervisor/recycling/memory-room.js';

const MB = 1024 * 1024;

/** A control group of version 2 two levels below its mount. */
function files(extra: Readonly<Record<string, string>>): (path: string) => string | undefined {
  const all: Readonly<Record<string, string>> = {
    '/proc/self/cgroup': '0::/shop/web\n',
    '/proc/self/mountinfo': '30 20 0:1 / /cg rw - cgroup2 cgroup2 rw\n',
    ...extra,
  };
  return (path) => all[path];
}

describe('room for a successor', () => {
  it('is there where nothing limits memory', () => {
    assert.equal(memoryRoom(files({ '/cg/shop/memory.max': 'max\n' })), undefined);
    assert.equal(lackOfMemory(undefined, [MB]), undefined);
  });

  it('is what is left in the tightest group, file pages that can go left out', () => {
    const room = memoryRoom(
      files({
        '/cg/shop/web/memory.max': `${900 * MB}\n`,
        '/cg/shop/web/memory.current': `${100 * MB}\n`,
        '/cg/shop/memory.max': `${500 * MB}\n`,
        '/cg/shop/memory.current': `${400 * MB}\n`,
        '/cg/shop/memory.stat': `anon 1\ninactive_file ${50 * MB}\n`,
      }),
    );
    assert.deepEqual(room, { value: 150 * MB, path: '/cg/shop' });
  });

  it('is needed for as much as the smallest worker has', () => {
    const room = { value: 100 * MB, path: '/cg/shop' };
    assert.equal(lackOfMemory(room, [300 * MB, 90 * MB]), undefined);
    const lack = lackOfMemory(room, [300 * MB, 101 * MB]);
    assert.equal(lack, '100 MB are left in /cg/shop, a worker takes 101 MB');
    assert.match(lackOfMemory({ ...room, value: -MB }, []) ?? '', /^0 MB are left/);
  });
});
