import assert from 'node:assert/strict';
import { cacheSettings, parseCache } from '../../../src/config/cache-settings.js';
import { cronSettings, parseCron, parseCron2 } from '../../../src/config/cron-settings.js';

function reason(parsed: { readonly ok: boolean; readonly reason?: string }): string {
  assert.equal(parsed.ok, false);
  return parsed.reason ?? '';
}

describe('--cache2', () => {
  it('takes uWSGI’s keys and its defaults', () => {
    assert.deepEqual(parseCache('name=a,items=10'), {
      ok: true,
      value: {
        name: 'a',
        items: 10,
        blocks: 10,
        blockBytes: 65536,
        keyBytes: 2048,
        severalBlocks: false,
        evicts: false,
      },
    });
    const full = parseCache(
      'name=b, maxitems=2, blocks=20, blocksize=4k, keysize=64, bitmap=1, purge_lru=1, hashsize=10',
    );
    assert.deepEqual(full.ok && full.value, {
      name: 'b',
      items: 2,
      blocks: 20,
      blockBytes: 4096,
      keyBytes: 64,
      severalBlocks: true,
      evicts: true,
    });
    const bare = parseCache('name=c,max_items=1,lru');
    assert.equal(bare.ok && bare.value.evicts, true);
  });

  it('says what is wrong', () => {
    assert.match(reason(parseCache('items=10')), /has no name=/);
    assert.match(reason(parseCache('name=a')), /has no items=/);
    assert.match(reason(parseCache('name=,items=1')), /empty name/);
    assert.match(reason(parseCache('name=a,items=many')), /items=many is no number/);
    assert.match(reason(parseCache('name=a,items=0')), /items=0 is no number/);
    assert.match(reason(parseCache('name=a,items=1,bitmap=yes')), /bitmap is 1 or 0/);
    assert.match(
      reason(parseCache('name=a,items=1,store=/tmp/x')),
      /store= is not here: caches live in memory, as long as the server/,
    );
  });

  it('comes after --cache, which is named default', () => {
    const caches = cacheSettings({ cache: 5, cacheBlocksize: 100, cache2: ['name=a,items=1'] });
    assert.deepEqual(
      caches.map(({ name, items, blockBytes }) => [name, items, blockBytes]),
      [
        ['default', 5, 100],
        ['a', 1, 65536],
      ],
    );
  });
});

describe('--cron', () => {
  it('takes uWSGI’s numbers and crontab’s fields', () => {
    const numbers = parseCron('59 2 -1 -1 -1 /usr/bin/backup  --all', false);
    assert.deepEqual(numbers.ok && numbers.value, {
      time: { minute: 59, hour: 2, day: -1, month: -1, weekday: -1 },
      command: '/usr/bin/backup  --all',
      unique: false,
      limitSeconds: 0,
    });
    const fields = parseCron('*/5 * * * mon-fri echo hello', true);
    assert.deepEqual(fields.ok && [fields.value.time, fields.value.unique], [
      '*/5 * * * mon-fri',
      true,
    ]);
  });

  it('takes the keys of --cron2', () => {
    const parsed = parseCron2('minute=-2,hour=3,week=7,unique=1,harakiri=60 do it');
    assert.deepEqual(parsed.ok && parsed.value, {
      time: { minute: -2, hour: 3, day: -1, month: -1, weekday: 7 },
      command: 'do it',
      unique: true,
      limitSeconds: 60,
    });
  });

  it('says what is wrong', () => {
    assert.match(reason(parseCron('1 2 3 4 command', false)), /needs minute, hour/);
    assert.match(reason(parseCron('61 -1 -1 -1 -1 command', false)), /cron minute 61/);
    assert.match(reason(parseCron('x * * * * command', false)), /cron minute "x"/);
    assert.match(reason(parseCron2('command')), /needs KEY=VALUE/);
    assert.match(reason(parseCron2('minute=x command')), /minute=x is no number/);
    assert.match(reason(parseCron2('legion=1 command')), /legion= is not implemented/);
  });

  it('keeps them in one list', () => {
    const settings = cronSettings({
      cron: ['-1 -1 -1 -1 -1 a'],
      uniqueCron: ['@hourly x', '* * * * * b'],
      cron2: ['minute=1 c'],
    });
    assert.deepEqual(
      settings.map(({ command, unique }) => [command, unique]),
      [
        ['a', false],
        ['b', true],
        ['c', false],
      ],
    );
  });
});
