import assert from 'node:assert/strict';
import { readTopArguments } from '../../../../src/cli/top/arguments.js';
import { parseStatsAddress } from '../../../../src/cli/top/read-stats.js';
import { screenLines, type ScreenOptions } from '../../../../src/cli/top/screen.js';
import { figuresBetween, parseDocument } from '../../../../src/page/figures.js';
import { formatStats, statsDocument } from '../../../../src/supervisor/stats/stats-document.js';
import type { ServerStats } from '../../../../src/supervisor/stats/stats-facts.js';
import { statsOf, totalsOf, workerOf } from '../../supervisor/stats/stats-sample.js';

const OPTIONS: ScreenOptions = {
  ...{ address: ':9191', columns: 160, rows: undefined, sort: 'i', styled: false },
};

function screen(change: Partial<ServerStats>, options: Partial<ScreenOptions> = {}): string[] {
  const at = (now: number, requests: number) => {
    const workers = (change.workers ?? [workerOf()]).map((worker) => ({
      ...worker,
      totals: totalsOf({ ...worker.totals, requests: requests * worker.id }),
    }));
    return parseDocument(
      formatStats(statsDocument(statsOf({ ...change, now, workers }), true), true),
    );
  };
  const [earlier, later] = [at(10_000, 10), at(12_000, 30)];
  return screenLines(later, figuresBetween(earlier, later), { ...OPTIONS, ...options });
}

const idsOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^ {2}(\d) {4,}\d/.exec(line)?.[1] ?? []);

describe('top', () => {
  it('shows rates, workers with what they do, and the last events', () => {
    const text = screen({}).join('\n');
    assert.match(text, /^requests 10\/s \(30 in all\), failed 0\/s/m);
    assert.match(text, /^ {2}1 +8 +busy +10 .* GET \/a\?b=1 \(javascript, 2\.00 s\)$/m);
    assert.match(text, /worker 1 \(pid: 6\) died: killed by SIGKILL$/m);
  });

  it('sorts', () => {
    const workers = [1, 2, 3].map((id) => workerOf({ id, pid: 20 + id, residentBytes: 10 - id }));
    assert.deepEqual(idsOf(screen({ workers })), ['1', '2', '3']);
    assert.deepEqual(idsOf(screen({ workers }, { sort: 'r' })), ['3', '2', '1']);
    assert.deepEqual(idsOf(screen({ workers }, { sort: 'm' })), ['1', '2', '3']);
  });

  it('fits the terminal', () => {
    const events = Array.from({ length: 60 }, (_, number) => ({
      ...statsOf().events[0]!,
      number,
    }));
    const lines = screen({ events }, { columns: 60, rows: 20 });
    assert.equal(lines.length, 20);
    for (const line of lines) assert.ok(line.length <= 60, line);
  });

  it('passes nothing of a request on to the terminal as an order', () => {
    const [request] = workerOf().requests;
    const workers = [workerOf({ requests: [{ ...request!, uri: '/\u001B[2Jx\u009B' }] })];
    const text = screen({ workers }).join('\n');
    assert.ok(text.includes('GET / [2Jx '));
    assert.doesNotMatch(text, /[\u001B\u009B]/);
  });

  it('says that a worker is blocked, or has no process', () => {
    const workers = [workerOf({ silentMs: 5000 }), workerOf({ id: 2, pid: 0, state: 'waiting' })];
    const text = screen({ workers }, { styled: true }).join('\n');
    assert.match(text, /\u001B\[31m {2}1 +8 +blocked /);
    assert.match(text, /\u001B\[31m {2}2 +– +waiting /);
  });
});

describe("top's command line", () => {
  it('is an address and options', () => {
    assert.deepEqual(readTopArguments([':1', '--once', '--interval=0.5', '--sort', 'memory']), {
      ...{ address: ':1', intervalMs: 500, once: true, sort: 'm' },
    });
    for (const wrong of [[], [':1', ':2'], ['--interval', 'x', ':1'], [':1', '--sort', 'age']])
      assert.throws(() => readTopArguments(wrong), /usage: /);
  });

  it('takes the addresses of --stats, and those of HTTP', () => {
    assert.deepEqual(parseStatsAddress(':9191'), {
      ...{ target: { host: '127.0.0.1', port: 9191 }, request: undefined },
    });
    assert.deepEqual(parseStatsAddress('/run/stats.sock').target, { path: '/run/stats.sock' });
    const http = parseStatsAddress('http://10.0.0.5:9191/');
    assert.match(http.request ?? '', /^GET \/stats HTTP\/1\.0\r\nHost: 10\.0\.0\.5:9191\r\n/);
    assert.throws(() => parseStatsAddress('fd://3'), /name an address/);
  });
});
