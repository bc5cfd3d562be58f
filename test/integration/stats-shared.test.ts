/** What the master says of locks, caches and crons: its own look at the memory that it shares with the workers. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { metricValue, parseMetrics } from '../helpers/metrics-parser.js';
import { readAll } from '../helpers/read-all.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

interface Stats {
  readonly locks: readonly Readonly<Record<string, number>>[];
  readonly caches?: readonly Readonly<Record<string, unknown>>[];
  readonly crons?: readonly Readonly<Record<string, unknown>>[];
  readonly busyness?: number;
}

describe('statistics of what workers share', () => {
  let path: string;

  const stats = async (): Promise<Stats> => JSON.parse(await readAll(path)) as Stats;

  function start(...args: string[]): Promise<Server> {
    path = join(tempDir(), 'stats.sock');
    const all = ['--stats', path, '--stats-http', ...args];
    return startServer([...all, '--wsgi-file', testApp('functions.ts')]);
  }

  it('are the holders of locks, and the figures of caches, whichever worker was asked', async () => {
    const caches = [
      '--cache2',
      'name=first,items=100,blocksize=64',
      '--cache2',
      'name=second,items=5',
    ];
    const server = await start('--processes', '2', '--locks', '2', ...caches);
    for (const target of ['/set?v', '/get', '/get']) await get(server.port, target);
    const holder = Number((await get(server.port, '/hold')).text);
    const { locks, caches: [first, second] = [], crons } = await stats();
    assert.deepEqual(locks, [{ 'user 0': 0 }, { 'user 1': 0 }, { 'user 2': holder }]);
    const counts = { items: 1, hits: 2, miss: 0, full: 0, last_modified_at: 0 };
    const own = { used_blocks: 1, evicted: 0, expired: 0, recoveries: 0 };
    const size = { keysize: 2048, max_items: 100, blocks: 100, blocksize: 64 };
    assert.deepEqual(first, { name: 'first', ...size, ...counts, ...own });
    assert.deepEqual([second?.['name'], second?.['items'], second?.['miss']], ['second', 0, 2]);
    assert.equal(crons, undefined);
    const text = await readAll(path, 'GET /metrics HTTP/1.0\r\n\r\n');
    const families = parseMetrics(text.slice(text.indexOf('\r\n\r\n') + 4));
    assert.equal(metricValue(families, 'tsuwsgi_cache_hits_total', { cache: 'first' }), 2);
    assert.equal(metricValue(families, 'tsuwsgi_cache_misses_total', { cache: 'second' }), 2);
    assert.equal(metricValue(families, 'tsuwsgi_cache_items', { cache: 'first' }), 1);
  });

  it('are the crons, also those whose times are no numbers', async () => {
    await start('--cron', '0 0 31 2 -1 true', '--unique-cron', '* * * * * true');
    const [first, second] = (await stats()).crons ?? [];
    const none = { legion: '', pid: -1, started_at: 0 };
    const days = { minute: 0, hour: 0, day: 31, month: 2, week: -1 };
    assert.deepEqual(first, { ...days, command: 'true', unique: 0, ...none });
    assert.deepEqual([second?.['time'], second?.['unique']], ['* * * * *', 1]);
  });

  it('have the busyness that --cheaper-algo busyness goes by', async () => {
    const algorithm = ['--cheaper', '1', '--cheaper-algo', 'busyness', '--cheaper-overload', '1'];
    await start('--processes', '2', ...algorithm);
    const found = await waitUntil('the end of a cycle', async () => {
      const { busyness } = await stats();
      return busyness !== undefined && { busyness };
    });
    assert.ok(found.busyness >= 0 && found.busyness <= 1, String(found.busyness));
  });
});
