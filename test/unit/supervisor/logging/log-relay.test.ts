import assert from 'node:assert/strict';
import { ConfigError } from '../../../../src/errors.js';
import { LogRelay } from '../../../../src/supervisor/logging/log-relay.js';
import type { OutputAddon } from '../../../../src/supervisor/logging/log-target.js';
import { onCleanup } from '../../../helpers/cleanup.js';
import { tempDir } from '../../../helpers/temp-dir.js';
import { configure } from '../master-scene.js';

/** A destination keeps the first one, and has no room for another. */
const FLOOD = `${'x'.repeat(1023)}\n`.repeat(512);

const unused = (): never => {
  throw new Error('not expected here');
};

/** Outputs that take nothing. */
const FULL: OutputAddon = {
  openOutput: () => () => ({ bytes: 0, error: 28 }),
  connectDatagram: unused,
  makeFifo: unused,
};

function relay(...argv: string[]): LogRelay {
  const result = new LogRelay(configure(...argv), FULL, tempDir());
  onCleanup(() => result.close());
  return result;
}

function names(of: LogRelay): string[] {
  return of.states().map(({ name }) => name);
}

describe('destinations of the log', () => {
  it('are one where lines of both kinds go to standard error', () => {
    for (const option of ['--log-filter', '--log-req-encoder'])
      assert.deepEqual(names(relay(option, 'format ${msg}')), ['standard error'], option);
  });

  it('are one where two loggers have the same text, with what both of them lost', () => {
    const both = relay('--logger', 'file:x.log', '--req-logger', 'file:x.log');
    for (const lines of [FLOOD, FLOOD]) both.general(lines);
    const [alone] = both.states();
    assert.ok(alone !== undefined && alone.dropped > 0);
    for (const lines of [FLOOD, FLOOD]) both.request(lines);
    const [state, ...more] = both.states();
    assert.deepEqual(more, []);
    assert.equal(state?.dropped, 2 * alone.dropped);
    assert.ok(state.refusal);
  });

  it('are all known to routes of request lines, whatever stands beside them', () => {
    for (const beside of [[], ['--log-req-encoder', 'nl']])
      assert.throws(() => relay('--log-req-route', 'app .', ...beside), ConfigError);
  });
});
