import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { ConfigError } from '../../../../src/errors.js';
import { plainOutput } from '../../../../src/log/line-output.js';
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

/** What reaches `errors.log`, which gets what is routed, and `main.log`; `feed` writes. */
function routed(argv: readonly string[], feed: (relay: LogRelay) => void): [string, string] {
  const directory = tempDir();
  const config = configure(
    ...['--logger', 'errors file:errors.log', '--log-route', 'errors application error'],
    ...['--logger', 'file:main.log', ...argv],
  );
  const result = new LogRelay(config, { ...FULL, openOutput: plainOutput }, directory);
  feed(result);
  result.close();
  const [errors = '', main = ''] = ['errors.log', 'main.log'].map((name) =>
    readFileSync(join(directory, name), 'utf8'),
  );
  return [errors, main];
}

const STACK = '    Error: no\n        at handler (app.ts:3:9)\n';

describe('a record with a stack', () => {
  it('goes with it where a route sends it', () => {
    const [errors, main] = routed([], (relay) => {
      relay.general(`before\napplication error: no\n${STACK}after\n`);
      relay.general(`another: no\n${STACK}`);
    });
    assert.equal(errors, `application error: no\n${STACK}`);
    assert.equal(main, `before\nafter\nanother: no\n${STACK}`);
  });

  it('does so where a worker’s pipe brings it in parts, between those of another one', () => {
    const [errors, main] = routed([], (relay) => {
      const [one, other] = [new PassThrough(), new PassThrough()];
      relay.follow(one, false);
      relay.follow(other, false);
      const say = (stream: PassThrough, text: string) => stream.emit('data', text);
      say(one, 'application error: no\n    Err');
      say(other, 'printed\n');
      say(one, 'or: no\n');
      say(other, '  below what was printed\n');
      say(one, '        at handler (app.ts:3:9)\n');
    });
    assert.equal(errors, `application error: no\n${STACK}`);
    assert.equal(main, 'printed\n  below what was printed\n');
  });

  it('is kept or dropped with it by filters', () => {
    const text = `application error: no\n${STACK}another: yes\n${STACK}`;
    const [, kept] = routed(['--log-filter', 'another'], (relay) => relay.general(text));
    assert.equal(kept, `another: yes\n${STACK}`);
    const [, left] = routed(['--log-drain', 'another'], (relay) => relay.general(text));
    assert.equal(left, '');
  });
});

describe('request lines', () => {
  it('stand for themselves, in whatever form', () => {
    const directory = tempDir();
    const config = configure(
      ...['--req-logger', 'slow file:slow.log', '--log-req-route', 'slow /slow'],
      ...['--req-logger', 'file:main.log'],
    );
    const result = new LogRelay(config, { ...FULL, openOutput: plainOutput }, directory);
    result.request(' GET /slow\n GET /\n');
    result.close();
    assert.equal(readFileSync(join(directory, 'main.log'), 'utf8'), ' GET /\n');
  });
});
