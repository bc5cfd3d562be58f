import assert from 'node:assert/strict';
import type { Environ } from '../../../../src/app/types.js';
import { ScoreboardRow, scoreboardBytes } from '../../../../src/ipc/scoreboard.js';
import { runningCall, watchedCalls } from '../../../../src/worker/gateway/call-watch.js';
import type { Gateway } from '../../../../src/worker/gateway/gateway.js';
import { emptyBody } from '../../../../src/worker/gateway/request-body.js';

const environ = { REQUEST_METHOD: 'GET', REQUEST_URI: '/a?b' } as Environ;

function scene() {
  const row = new ScoreboardRow(new ArrayBuffer(scoreboardBytes(1, 1)), 0, 1);
  const calls: unknown[] = [];
  const serve = watchedCalls(() => void calls.push([row.call(), runningCall()]), row);
  return { row, calls, call: () => serve({} as Gateway, 5, 7, environ, emptyBody) };
}

describe('the call that JavaScript runs', () => {
  it('is known as long as it is on the stack', () => {
    const { row, calls, call } = scene();
    call();
    assert.deepEqual(calls, [['GET /a?b', { environ, slot: 5, generation: 7 }]]);
    assert.deepEqual([row.call(), runningCall()], [undefined, undefined]);
  });

  it('is not begun in a worker that is condemned: a sibling has the request', () => {
    const { row, calls, call } = scene();
    row.set('CONDEMNED', 1);
    call();
    assert.deepEqual(calls, []);
  });
});
