import assert from 'node:assert/strict';
import type { InFlightRequest } from '../../../../src/ipc/scoreboard.js';
import {
  blockingRequest,
  hangFields,
  hangReason,
  hangText,
  type HangFacts,
} from '../../../../src/supervisor/harakiri/harakiri-record.js';

function request(uri: string, state: InFlightRequest['state'], startedMs: number): InFlightRequest {
  return { method: 'GET', uri, state, startedMs, deadlineMs: undefined, handle: 1, generation: 1 };
}

const FACTS: HangFacts = {
  blockedMs: 2345,
  call: 'GET /block?a=1',
  inFlight: [request('/slow', 'javascript', 5000), request('/block?a=1', 'javascript', 7000)],
  inFlightCount: 2,
  now: 10_000,
  stack: {
    frames: [
      { functionName: 'spin', file: '/srv/app.ts', line: 6, column: 3, text: 'while (true) {' },
      { functionName: '', file: '/srv/app.ts', line: 10, column: 18, text: undefined },
    ],
  },
  kernel: { state: 'R', syscall: 'running', wchan: '0' },
  residentBytes: 90 * 1024 * 1024,
  loopDelayP99Ms: 11.6,
  evacuated: true,
};

describe('the record of a blocked worker', () => {
  it('says which request, how old, where, beside what, and how the process was', () => {
    assert.equal(
      hangText(FACTS, false),
      'JavaScript blocked for 2.3 s in: GET /block?a=1 (3.0 s old); ' +
        'at /srv/app.ts:6:3: while (true) {; ' +
        '2 request(s) in flight, beside it: GET /slow (javascript, 5.0 s old); ' +
        'its I/O threads have answered them or given them to another worker; RSS 90 MB; event loop delay before p99 12 ms',
    );
  });

  it('has the same as fields', () => {
    const { stack, at, source, ageMs, requests, reason, evacuated } = hangFields(FACTS);
    assert.equal(stack, 'at spin (/srv/app.ts:6:3)\nat /srv/app.ts:10:18');
    assert.deepEqual([at, source, ageMs], ['/srv/app.ts:6:3', 'while (true) {', 3000]);
    assert.deepEqual([reason, evacuated], ['blocked', true]);
    assert.deepEqual(requests, [
      { method: 'GET', uri: '/slow', state: 'javascript', ageMs: 5000 },
      { method: 'GET', uri: '/block?a=1', state: 'javascript', ageMs: 3000 },
    ]);
  });

  it('names a request whose URI was cut, and not one of the same name that waits', () => {
    const uri = `/${'x'.repeat(127)}`;
    const waits = request(uri, 'waiting', 1000);
    const runs = request(uri, 'javascript', 2000);
    const facts = { ...FACTS, call: `GET ${uri}yyy`, inFlight: [waits, runs] };
    assert.equal(blockingRequest(facts), runs);
  });

  it('takes no request for the one that blocks because its name begins in the same way', () => {
    const [root, blocks] = [
      request('/', 'javascript', 1000),
      request('/block', 'javascript', 2000),
    ];
    const facts = { ...FACTS, call: 'GET /block', inFlight: [root, blocks] };
    assert.equal(blockingRequest(facts), blocks);
  });

  it('names few neighbours, all of them when asked', () => {
    const inFlight = Array.from({ length: 8 }, (_, i) => request(`/${i}`, 'waiting', 9000));
    const facts = { ...FACTS, call: undefined, inFlight, inFlightCount: 8 };
    assert.match(
      hangText(facts, false),
      /outside of requests, or behind an await; .*\/4 .*, 3 more;/,
    );
    assert.match(
      hangText(facts, true),
      /\/7 \(waiting, 1\.0 s old\); .*syscall> running; wchan> 0$/,
    );
  });

  it('says what the kernel shows where there is no stack', () => {
    const reason = 'no JavaScript runs';
    const kernel = { state: 'S', syscall: '61 0x1', wchan: 'do_wait' };
    const text = hangText({ ...FACTS, stack: { frames: undefined, reason }, kernel }, false);
    assert.match(
      text,
      /no JavaScript stack: no JavaScript runs; .*syscall> 61 0x1; wchan> do_wait$/,
    );
    assert.equal(hangFields({ ...FACTS, stack: { frames: undefined, reason } }).noStack, reason);
  });

  it('says that the process is stopped', () => {
    const kernel = { state: 'T', syscall: '?', wchan: 'do_signal_stop' };
    assert.match(hangText({ ...FACTS, kernel }, false), /; the process is stopped \(SIGSTOP/);
    assert.equal(hangFields({ ...FACTS, kernel }).reason, 'stopped');
    assert.match(
      hangText({ ...FACTS, kernel, call: undefined }, false),
      /^JavaScript blocked for [\d.]+ s; /,
    );
    assert.match(hangReason({ ...FACTS, kernel }), /^harakiri: its process was stopped, /);
    assert.match(hangReason(FACTS), /^harakiri: its JavaScript was blocked for /);
  });
});
