import assert from 'node:assert/strict';
import {
  BodyNotBufferedError,
  GatewayError,
  InputClosedError,
  RequestAbortedError,
} from '../../../src/app/errors.js';

describe('errors of the application interface', () => {
  it('say what happened and what to do', () => {
    const aborted = new RequestAbortedError('deadline');
    assert.equal(aborted.reason, 'deadline');
    assert.match(aborted.message, /past its deadline/);
    assert.match(
      new BodyNotBufferedError('read').message,
      /wsgi\.input\.read\(\).*--post-buffering/,
    );
  });

  it('are recognised across copies of the package, and nothing else is', () => {
    const foreign = Object.assign(new Error('x'), {
      name: 'InputClosedError',
      code: 'ERR_TSUWSGI_INPUT_CLOSED',
    });
    assert.ok(foreign instanceof InputClosedError);
    assert.equal(foreign instanceof BodyNotBufferedError, false);
    const error = new GatewayError('ERR_TSUWSGI_BODY', 'x');
    assert.ok(error instanceof GatewayError);
    assert.ok(error instanceof Error);
    assert.equal(error instanceof RequestAbortedError, false);
    assert.equal(new Error('x') instanceof GatewayError, false);
    const named = Object.assign(new Error('x'), { name: 'GatewayError' });
    assert.equal(named instanceof GatewayError, false);
  });
});
