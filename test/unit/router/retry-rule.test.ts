import assert from 'node:assert/strict';
import {
  MAX_CONNECT_RETRIES,
  MAX_REPLAYS,
  mayRetry,
  type FailedAttempt,
} from '../../../src/router/retry-rule.js';

const GET: FailedAttempt = {
  stage: 'before-response',
  method: 'GET',
  replayable: true,
  connectRetries: 0,
  replays: 0,
};

describe('repeating a request', () => {
  it('is always right where no connection was made, a few times', () => {
    const attempt = { ...GET, stage: 'connect', method: 'POST', replayable: false } as const;
    assert.ok(
      mayRetry({ ...attempt, connectRetries: MAX_CONNECT_RETRIES - 1, replays: MAX_REPLAYS }),
    );
    assert.ok(!mayRetry({ ...attempt, connectRetries: MAX_CONNECT_RETRIES }));
  });

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']) {
    it(`is harmless by definition for ${method}, once`, () => {
      assert.ok(mayRetry({ ...GET, method }));
      assert.ok(!mayRetry({ ...GET, method, replays: MAX_REPLAYS }));
    });
  }

  for (const method of ['POST', 'PATCH', 'LOCK', 'get']) {
    it(`is not for ${method}`, () => assert.ok(!mayRetry({ ...GET, method })));
  }

  it('needs the whole body', () => assert.ok(!mayRetry({ ...GET, replayable: false })));

  it('never follows a timeout or half an answer', () => {
    assert.ok(!mayRetry({ ...GET, stage: 'answer' }));
  });
});
