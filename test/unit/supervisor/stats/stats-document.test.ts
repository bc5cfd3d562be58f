import assert from 'node:assert/strict';
import { formatStats, statsDocument } from '../../../../src/supervisor/stats/stats-document.js';
import { noLatencies } from '../../../../src/supervisor/workers/slot-totals.js';
import { cacheOf, histogramOf, statsOf, totalsOf, workerOf } from './stats-sample.js';

/** uWSGI's, from a running 2.0.21 with two workers. */
const WORKER_KEYS = [
  ...['id', 'pid', 'accepting', 'requests', 'delta_requests', 'exceptions', 'harakiri_count'],
  ...['signals', 'signal_queue', 'status', 'rss', 'vsz', 'running_time', 'last_spawn'],
  ...['respawn_count', 'tx', 'avg_rt', 'apps', 'cores'],
];
const TOP_KEYS = [
  ...['version', 'listen_queue', 'listen_queue_errors', 'signal_queue', 'load', 'pid', 'uid'],
  ...['gid', 'cwd', 'locks', 'sockets', 'workers'],
];
const CORE_KEYS = [
  ...['id', 'requests', 'static_requests', 'routed_requests', 'offloaded_requests'],
  ...['write_errors', 'read_errors', 'in_request', 'vars', 'req_info'],
];
/** Without its `hash` and `hashsize`. */
const CACHE_KEYS = [
  ...['name', 'keysize', 'max_items', 'blocks', 'blocksize', 'items', 'hits', 'miss', 'full'],
  'last_modified_at',
];
const APP_KEYS = [
  'id',
  'modifier1',
  'mountpoint',
  'startup_time',
  'requests',
  'exceptions',
  'chdir',
];
const SOCKET_KEYS = ['name', 'proto', 'queue', 'max_queue', 'shared', 'can_offload'];

type Entry = Readonly<Record<string, unknown>>;
interface ParsedWorker extends Entry {
  readonly cores?: readonly Entry[];
  readonly apps: readonly Entry[];
}
interface Parsed extends Entry {
  readonly workers: readonly ParsedWorker[];
  readonly sockets: readonly Entry[];
  readonly totals: Entry;
  readonly latency: Readonly<Record<string, Entry>>;
  readonly events: readonly Entry[];
}

const parsed = (stats = statsOf(), withCores = true): Parsed =>
  JSON.parse(formatStats(statsDocument(stats, withCores), true)) as Parsed;

/** The named keys, in the order in which the object has them. */
const only = (entry: Entry | undefined, keys: readonly string[]): string[] =>
  Object.keys(entry ?? {}).filter((key) => keys.includes(key));

describe('statistics', () => {
  it('have the names that uWSGI gives them, in its order', () => {
    const document = parsed();
    assert.deepEqual(only(document, TOP_KEYS), TOP_KEYS);
    assert.deepEqual([document['listen_queue'], document['load']], [5, 5]);
    const [worker] = document.workers;
    assert.deepEqual(only(worker, WORKER_KEYS), WORKER_KEYS);
    assert.deepEqual(only(worker?.cores?.[0], CORE_KEYS), CORE_KEYS);
    assert.deepEqual(only(worker?.apps[0], APP_KEYS), APP_KEYS);
    assert.deepEqual(only(document.sockets[0], SOCKET_KEYS), SOCKET_KEYS);
  });

  it('show the request of a core as uWSGI does', () => {
    const core = parsed().workers[0]?.cores?.[0];
    assert.equal(core?.['in_request'], 1);
    assert.deepEqual(core['vars'], ['REQUEST_METHOD=GET', 'REQUEST_URI=/a?b=1', '']);
    assert.deepEqual(core['req_info'], { request_start: 998 });
    const idle = parsed(statsOf({ workers: [workerOf({ requests: [] })] })).workers[0]?.cores?.[0];
    assert.deepEqual([idle?.['in_request'], idle?.['vars'], idle?.['req_info']], [0, [], {}]);
  });

  it('call a worker idle, busy, or cheap where there is no process', () => {
    const workers = [workerOf({ busy: false }), workerOf(), workerOf({ pid: 0 })];
    const document = parsed(statsOf({ workers }));
    assert.deepEqual(
      document.workers.map(({ status }) => status),
      ['idle', 'busy', 'cheap'],
    );
  });

  it('call a worker paused as uWSGI does: unless it is busy, or there is none', () => {
    const state = { ...statsOf().state, phase: 'paused' } as const;
    const workers = [workerOf({ busy: false }), workerOf(), workerOf({ pid: 0 })];
    const document = parsed(statsOf({ workers, state }));
    assert.deepEqual(
      document.workers.map(({ status }) => status),
      ['pause', 'busy', 'cheap'],
    );
  });

  it('add up workers, also of latencies, in microseconds', () => {
    const latencies = { ...noLatencies(), total: histogramOf({ 8: 1, 16: 1 }, 24) };
    const workers = [1, 2].map((id) =>
      workerOf({ id, totals: totalsOf({ requests: 2, answers5xx: 1, latencies }) }),
    );
    const { totals, latency } = parsed(statsOf({ workers }));
    assert.deepEqual([totals['requests'], totals['answers_5xx']], [4, 2]);
    const total = latency['total'];
    assert.deepEqual([total?.['count'], total?.['sum'], total?.['mean']], [4, 48, 12]);
    assert.deepEqual(total?.['buckets'], [
      [9, 2],
      [18, 2],
    ]);
    assert.deepEqual([total['p50'], total['p99']], [9, 18]);
  });

  it('tell what runs, for how long, and what happened', () => {
    const document = parsed();
    assert.deepEqual(document.workers[0]?.['requests_in_flight'], [
      {
        ...{ method: 'GET', uri: '/a?b=1', state: 'javascript', core: 0 },
        ...{ age: 2_000_000, deadline_in: 8_000_000 },
      },
    ]);
    assert.deepEqual(document.events, [
      {
        ...{ number: 1, time: 900, level: 'warn', event: 'worker-died', worker: 1, pid: 6 },
        ...{ reason: 'killed by SIGKILL', message: 'worker 1 (pid: 6) died: killed by SIGKILL' },
      },
    ]);
    assert.deepEqual([document['dropped_log_lines'], document['phase']], [4, 'running']);
  });

  it('are indented with tabs, with nothing behind a colon, and the same without white space', () => {
    const document = statsDocument(statsOf(), true);
    const text = formatStats(document, false);
    assert.match(text, /^\{\n\t"version":"1\.2\.3",\n/);
    assert.ok(text.includes('\t"cwd":"/srv \\"x\\": y",\n'));
    assert.deepEqual(JSON.parse(text), JSON.parse(formatStats(document, true)));
    assert.doesNotMatch(formatStats(document, true), /\n|\t/);
  });

  it('have locks, caches and crons as uWSGI has them, and lists only of what there is', () => {
    const caches = [cacheOf({ items: 2, hits: 5, misses: 1 })];
    const setting = { command: 'true', unique: true, limitSeconds: 0 };
    const numbers = { minute: -5, hour: 1, day: -1, month: -1, weekday: 7 };
    const crons = [
      { setting: { ...setting, time: numbers }, pid: 12, startedAt: 5500 },
      { setting: { ...setting, time: '*/5 * * * *', unique: false }, pid: 0, startedAt: 0 },
    ];
    const document = parsed(statsOf({ shared: { locks: [0, 44], caches }, crons }));
    assert.deepEqual(document['locks'], [{ 'user 0': 0 }, { 'user 1': 44 }]);
    const [cache] = document['caches'] as readonly Entry[];
    assert.deepEqual(only(cache, CACHE_KEYS), CACHE_KEYS);
    assert.deepEqual([cache?.['items'], cache?.['hits'], cache?.['miss']], [2, 5, 1]);
    assert.deepEqual(document['crons'], [
      {
        ...{ minute: -5, hour: 1, day: -1, month: -1, week: 7, command: 'true', unique: 1 },
        ...{ legion: '', pid: 12, started_at: 5 },
      },
      { time: '*/5 * * * *', command: 'true', unique: 0, legion: '', pid: -1, started_at: 0 },
    ]);
    const keys = Object.keys(document);
    assert.ok(keys.indexOf('locks') + 1 === keys.indexOf('caches'), keys.join(' '));
    assert.ok(keys.indexOf('workers') + 1 === keys.indexOf('crons'), keys.join(' '));
    assert.equal('caches' in parsed() || 'crons' in parsed(), false);
  });

  it('say that a cache is held instead of what it has', () => {
    const held = { ...cacheOf(), figures: undefined };
    const document = parsed(statsOf({ shared: { locks: [], caches: [held] } }));
    const [cache] = document['caches'] as readonly Entry[];
    assert.deepEqual([cache?.['busy'], cache?.['max_items'], cache?.['items']], [1, 10, undefined]);
  });

  it('tell the busyness only where it decides', () => {
    assert.equal(parsed(statsOf({ busyness: 0.12345 }))['busyness'], 0.123);
    assert.equal('busyness' in parsed(), false);
  });

  it('leave out cores, and show daemons where there are any', () => {
    const daemons = [{ cmd: 'sleep 5', pid: 9, respawns: 0 }];
    const text = formatStats(statsDocument(statsOf({ daemons }), false), true);
    assert.ok(text.includes('"daemons":[{"cmd":"sleep 5","pid":9,"respawns":0}]'));
    assert.ok(!text.includes('"cores"'));
  });
});
