import assert from 'node:assert/strict';
import {
  formatStats,
  statsDocument,
  type ServerStats,
} from '../../../src/supervisor/stats-document.js';

const STATS: ServerStats = {
  version: '1.2.3',
  pid: 7,
  uid: 33,
  gid: 34,
  cwd: '/srv "x": y',
  daemons: [],
  sockets: [{ name: '127.0.0.1:80', protocol: 'http', waiting: 5, backlog: 100, shared: false }],
  workers: [
    {
      id: 1,
      pid: 8,
      accepting: true,
      requests: 12,
      deltaRequests: 2,
      exceptions: 1,
      harakiriCount: 0,
      status: 'busy',
      residentBytes: 10,
      addressSpaceBytes: 20,
      runningMicros: 30,
      lastSpawn: 40,
      respawnCount: 2,
      bytesOut: 50,
      averageMicros: 3,
      inFlight: 1,
      connections: 4,
      badRequests: 5,
      startupSeconds: 1,
      cores: [
        { id: 0, requests: 2, staticRequests: 1, writeErrors: 2, readErrors: 3, call: 'GET /a b' },
      ],
    },
  ],
};

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

interface Parsed {
  readonly workers: readonly (Readonly<Record<string, unknown>> & {
    readonly cores?: readonly Readonly<Record<string, unknown>>[];
  })[];
}

describe('statistics', () => {
  it('have the names that uWSGI gives them, in its order', () => {
    const text = formatStats(statsDocument(STATS, true), true);
    const parsed = JSON.parse(text) as Parsed;
    assert.deepEqual(Object.keys(parsed), TOP_KEYS);
    assert.ok(text.includes('"listen_queue":5') && text.includes('"load":5'));
    const [worker] = parsed.workers;
    const own = ['in_flight', 'connections', 'bad_requests'];
    assert.deepEqual(
      Object.keys(worker ?? {}).filter((key) => !own.includes(key)),
      WORKER_KEYS,
    );
    assert.deepEqual(Object.keys(worker?.cores?.[0] ?? {}), CORE_KEYS);
    assert.deepEqual(worker?.cores?.[0]?.['vars'], ['REQUEST_METHOD=GET', 'REQUEST_URI=/a', '']);
  });

  it('are indented with tabs, with nothing behind a colon, and the same without white space', () => {
    const document = statsDocument(STATS, true);
    const text = formatStats(document, false);
    assert.match(text, /^\{\n\t"version":"1\.2\.3",\n/);
    assert.ok(text.includes('\t"cwd":"/srv \\"x\\": y",\n'));
    assert.deepEqual(JSON.parse(text), JSON.parse(formatStats(document, true)));
    assert.doesNotMatch(formatStats(document, true), /\n|\t/);
  });

  it('leave out cores, and show daemons where there are any', () => {
    const daemons = [{ cmd: 'sleep 5', pid: 9, respawns: 0 }];
    const text = formatStats(statsDocument({ ...STATS, daemons }, false), true);
    assert.ok(text.includes('"daemons":[{"cmd":"sleep 5","pid":9,"respawns":0}]'));
    assert.ok(!text.includes('"cores"'));
  });
});
