import assert from 'node:assert/strict';
import type { Environ } from '../../../../src/app/types.js';
import { ScoreboardRow, scoreboardBytes } from '../../../../src/ipc/scoreboard.js';
import { watchedCalls } from '../../../../src/worker/gateway/call-watch.js';
import { Deadlines } from '../../../../src/worker/gateway/deadlines.js';
import {
  ExchangeTable,
  type Gateway,
  type LiveExchange,
} from '../../../../src/worker/gateway/gateway.js';
import { OwnLimits, ownLimits, setHarakiri } from '../../../../src/worker/gateway/own-limits.js';
import { emptyBody } from '../../../../src/worker/gateway/request-body.js';
import { environOf } from '../gateway-harness.js';

const LIMIT_MS = 1000;

function request() {
  const { signal } = new AbortController();
  return { 'tsuwsgi.signal': signal, REQUEST_METHOD: 'GET', REQUEST_URI: '/' } as Environ;
}

function running(table: ExchangeTable, slot: number, environ: Environ, since: number) {
  const ages: number[] = [];
  const exchange: LiveExchange = {
    slot,
    generation: 1,
    input: { push: () => undefined, end: () => undefined, abort: () => undefined },
    writable: () => undefined,
    abort: () => undefined,
    since,
    signal: environ['tsuwsgi.signal'],
    expire: (ageMs) => void ages.push(ageMs),
  };
  table.add(exchange);
  return { exchange, ages };
}

const board = () => new ScoreboardRow(new ArrayBuffer(scoreboardBytes(1, 1)), 0, 1);

describe("a request's own limit", () => {
  it('is told to the core once: from the call, else as soon as the request is known', () => {
    const [own, table] = [new OwnLimits(), new ExchangeTable()];
    const told: string[] = [];
    own.tell = ({ slot, generation }, limitMs) =>
      void told.push(`${slot}.${generation}: ${Math.round(limitMs / 1000)} s`);
    const deadlines = new Deadlines(LIMIT_MS, table, own);
    deadlines.start();
    const [known, unknown, called] = [request(), request(), request()];
    running(table, 3, known, 0);
    own.set(known, 10);
    own.set(unknown, 20);
    assert.deepEqual(told, ['3.1: 10 s']);
    running(table, 4, unknown, 0);
    deadlines.check(performance.now());
    const serve = watchedCalls(() => own.set(called, 30), board());
    serve({} as Gateway, 5, 7, called, emptyBody);
    deadlines.check(performance.now());
    deadlines.stop();
    assert.deepEqual(told, ['3.1: 10 s', '4.1: 20 s', '5.7: 30 s']);
  });

  it('stands for --harakiri, longer or shorter, and counts from when it was set', () => {
    const [own, table] = [new OwnLimits(), new ExchangeTable()];
    const deadlines = new Deadlines(LIMIT_MS, table, own);
    const [longer, shorter, free, plain] = [request(), request(), request(), request()];
    const now = performance.now();
    const begun = [longer, shorter, free, plain].map((environ, slot) =>
      running(table, slot, environ, now - 900),
    );
    own.set(longer, 10);
    own.set({ ...shorter }, 0.2);
    own.set(free, 0);
    deadlines.check(now + 150);
    assert.deepEqual(
      begun.map(({ ages }) => ages.length),
      [0, 0, 0, 1],
    );
    deadlines.check(performance.now() + 300);
    assert.deepEqual(
      begun.map(({ ages }) => ages.length),
      [0, 1, 0, 2],
    );
    deadlines.check(performance.now() + 10_001);
    assert.deepEqual(begun[0]?.ages.length, 1);
    assert.deepEqual(begun[2]?.ages.length, 0);
  });

  it('works without --harakiri, and leaves other requests alone', () => {
    const [own, table] = [new OwnLimits(), new ExchangeTable()];
    const deadlines = new Deadlines(0, table, own);
    const [limited, plain] = [request(), request()];
    const [one, other] = [running(table, 1, limited, 0), running(table, 2, plain, 0)];
    own.set(limited, 1);
    deadlines.check(performance.now() + 2000);
    assert.equal(one.ages.length, 1);
    assert.ok((one.ages[0] ?? 0) >= 2000 && (one.ages[0] ?? 0) < 3000);
    assert.equal(other.ages.length, 0);
  });

  it('is forgotten with its request', () => {
    const [own, table] = [new OwnLimits(), new ExchangeTable()];
    const row = board();
    own.row = row;
    const environ = request();
    const { exchange } = running(table, 1, environ, performance.now());
    const deadlines = new Deadlines(LIMIT_MS, table, own);
    own.set(environ, 30);
    assert.equal(row.get('LONGEST_LIMIT'), 30_000);
    deadlines.check(performance.now());
    assert.equal(own.size, 1);
    table.delete(exchange);
    deadlines.check(performance.now());
    assert.deepEqual([own.size, row.get('LONGEST_LIMIT')], [0, 0]);
  });

  it('tells the master of the call that runs, until the call is over', () => {
    const row = board();
    ownLimits.row = row;
    const environ = request();
    const seen: number[] = [];
    const serve = watchedCalls(() => {
      setHarakiri(request(), 99);
      seen.push(row.get('CALL_LIMIT'));
      setHarakiri(environ, 0);
      seen.push(row.get('CALL_LIMIT'));
    }, row);
    serve({} as Gateway, 1, 1, environ, emptyBody);
    assert.deepEqual([...seen, row.get('CALL_LIMIT')], [0, Infinity, 0]);
    ownLimits.row = undefined;
    ownLimits.keepOnly(new Set());
  });

  it('is set on the environ, which says what is wrong with it', () => {
    const environ = environOf({});
    environ['tsuwsgi.setHarakiri'](20);
    assert.equal(ownLimits.get(environ['tsuwsgi.signal'])?.deadline !== undefined, true);
    ownLimits.keepOnly(new Set());
    for (const wrong of [-1, NaN, Infinity, '5' as unknown as number]) {
      assert.throws(() => environ['tsuwsgi.setHarakiri'](wrong), RangeError);
    }
  });
});
