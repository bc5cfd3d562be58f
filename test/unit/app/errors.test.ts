import assert from 'node:assert/strict';
import {
  BodyNotBufferedError,
  GatewayError,
  InputClosedError,
  RequestAbortedError,
} from '../../../src/app/errors.js';
import { CacheError } from '../../../src/app/module-errors.js';

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

  it('are recognised by classes that a bundler has renamed', () => {
    const renamed = Object.getOwnPropertyDescriptor(InputClosedError, 'name');
    Object.defineProperty(InputClosedError, 'name', { value: 't', configurable: true });
    try {
      assert.ok(new InputClosedError() instanceof InputClosedError);
      const foreign = Object.assign(new Error('x'), {
        name: 'InputClosedError',
        code: 'ERR_TSUWSGI_INPUT_CLOSED',
      });
      assert.ok(foreign instanceof InputClosedError);
    } finally {
      Object.defineProperty(InputClosedError, 'name', renamed ?? {});
    }
  });

  it('can be extended', () => {
    class OwnError extends GatewayError {}
    const own = new OwnError('ERR_TSUWSGI_BODY', 'x');
    assert.ok(own instanceof OwnError);
    assert.ok(own instanceof GatewayError);
    assert.equal(new GatewayError('ERR_TSUWSGI_BODY', 'x') instanceof OwnError, false);
  });
});

describe('the error of a value that is too long for its cache', () => {
  const limits = { name: 'a', items: 9, blocks: 4, blockBytes: 10, keyBytes: 5 };

  it('names what is to be raised, with and without values of several blocks', () => {
    const one = CacheError.of('value', { ...limits, valueBytes: 10 }, 'k', 'x'.repeat(50));
    assert.match(
      one.message,
      /has 50 bytes, cache a takes 10: raise blocksize= \(10\), or set bitmap/,
    );
    const several = CacheError.of('value', { ...limits, valueBytes: 40 }, 'k', 'x'.repeat(50));
    assert.match(several.message, /takes 40: raise blocks= \(4\) or blocksize= \(10\)$/);
  });
});
