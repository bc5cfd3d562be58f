import assert from 'node:assert/strict';
import { Deadlines, timedCalls } from '../../../../src/worker/gateway/deadlines.js';
import {
  ExchangeTable,
  type Gateway,
  type LiveExchange,
} from '../../../../src/worker/gateway/gateway.js';
import { OwnLimits } from '../../../../src/worker/gateway/own-limits.js';
import type { Environ } from '../../../../src/app/types.js';
import { emptyBody } from '../../../../src/worker/gateway/request-body.js';

const LIMIT_MS = 1000;

interface Waiting extends LiveExchange {
  readonly ages: number[];
}

function waiting(slot: number, since: number | undefined): Waiting {
  const ages: number[] = [];
  const input = { push: () => undefined, end: () => undefined, abort: () => undefined };
  const exchange = {
    slot,
    generation: 1,
    input,
    writable: () => undefined,
    abort: () => undefined,
  };
  if (since === undefined) return { ...exchange, ages };
  return { ...exchange, ages, since, expire: (ageMs) => void ages.push(ageMs) };
}

describe('deadlines', () => {
  it('expire what has run for the limit, and leave what is younger or has none', () => {
    const table = new ExchangeTable();
    const [old, free, exact, young] = [
      waiting(1, 100),
      waiting(2, undefined),
      waiting(3, 500),
      waiting(4, 501),
    ];
    for (const exchange of [old, free, exact, young]) table.add(exchange);
    new Deadlines(LIMIT_MS, table, new OwnLimits()).check(1500);
    assert.deepEqual(
      [old, free, exact, young].map(({ ages }) => ages),
      [[1400], [], [1000], []],
    );
  });

  it('count from the call, not from a tick that a blocked event loop has delayed', () => {
    const exchanges = new ExchangeTable();
    let seen = 0;
    const serve = timedCalls((gateway) => {
      seen = gateway.exchanges.now;
    });
    const before = performance.now();
    serve({ exchanges } as Gateway, 1, 1, {} as Environ, emptyBody);
    assert.ok(seen >= before && seen <= performance.now());
  });
});
