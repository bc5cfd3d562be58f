import assert from 'node:assert/strict';
import type { Config } from '../../../src/config/config.js';
import { resolveConfig } from '../../../src/config/resolve.js';
import { coreSettings, milliseconds, nativeLimits } from '../../../src/config/slices.js';
import { fakeHost } from './fake-host.js';

function config(...argv: string[]): Config {
  const complete = ['--http-socket', ':0', '--wsgi-file', 'a.ts', ...argv];
  return resolveConfig({ argv: complete, env: {}, host: fakeHost(1) }).config;
}

describe('the native part of the configuration', () => {
  it('has every limit, with times in milliseconds', () => {
    const limits = nativeLimits(
      config('--header-timeout', '2.5', '--limit-post', '1m', '--keepalive-timeout', '0'),
    );
    assert.deepEqual(limits, {
      headBytes: 32_768,
      targetBytes: 8192,
      headerCount: 128,
      bodyBytes: 1_048_576,
      postBufferingBytes: 65_536,
      bodyMemoryBytes: 67_108_864,
      headerTimeoutMs: 2500,
      bodyTimeoutMs: 30_000,
      sendTimeoutMs: 30_000,
      keepAliveTimeoutMs: 0,
      minRate: 240,
      maxConnections: 10_000,
      maxPending: 1024,
      retryAfterSeconds: 1,
    });
  });

  it('never allows a target that the head cannot hold', () => {
    assert.equal(nativeLimits(config('--buffer-size', '4096')).targetBytes, 4096);
  });

  it('runs a pool for more than one thread', () => {
    assert.equal(coreSettings(config()).mode, 'loop');
    const pool = coreSettings(config('--threads', '4'));
    assert.deepEqual([pool.mode, pool.threads], ['pool', 4]);
  });

  it('logs requests to standard error unless told not to', () => {
    assert.equal(coreSettings(config()).accessLogFd, 2);
    assert.equal(coreSettings(config('-L')).accessLogFd, -1);
    assert.equal(coreSettings(config('--log-format=json')).accessLogFormat, 'json');
  });

  it('turns no short time into none', () => {
    assert.equal(milliseconds(0.0001), 1);
    assert.equal(milliseconds(0), 0);
  });
});
