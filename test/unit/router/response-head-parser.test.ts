import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  MAX_HEAD_BYTES,
  ResponseHeadParser,
  type BackendHead,
  type HeadProgress,
} from '../../../src/router/response-head-parser.js';
import { checkHead } from '../../../src/worker/gateway/response-head.js';

function parse(text: string): HeadProgress {
  return new ResponseHeadParser().push(Buffer.from(text, 'latin1'));
}

function headOf(text: string): BackendHead {
  const progress = parse(text);
  assert.ok(progress.kind === 'head', JSON.stringify(progress));
  return progress.head;
}

function refusal(text: string): string {
  const progress = parse(text);
  assert.ok(progress.kind === 'malformed', JSON.stringify(progress));
  return progress.reason;
}

describe('heads of backends', () => {
  it('have a status, fields and a length', () => {
    const head = headOf('HTTP/1.1 404 Not Here\r\nA: b\r\nContent-Length: 12\r\nA:  c \r\n\r\n');
    assert.deepEqual(head, {
      code: 404,
      status: '404 Not Here',
      headers: [
        ['A', 'b'],
        ['Content-Length', '12'],
        ['A', 'c'],
      ],
      length: 12,
    });
  });

  it('may leave out the reason and the length', () => {
    assert.deepEqual(headOf('HTTP/1.0 200\r\n\r\n'), {
      code: 200,
      status: '200',
      headers: [],
      length: undefined,
    });
  });

  it('leave the first bytes of the body', () => {
    const progress = parse('HTTP/1.1 200 OK\r\n\r\nbody');
    assert.ok(progress.kind === 'head');
    assert.equal(progress.rest.toString(), 'body');
  });

  it('lose what concerns the connection to the backend', () => {
    const head = headOf(
      'HTTP/1.1 200 OK\r\nConnection: close, X-Trace\r\nKeep-Alive: 5\r\nX-Trace: 1\r\nTrailer: a\r\n' +
        'Upgrade: h2c\r\nProxy-Connection: close\r\nVary: *\r\n\r\n',
    );
    assert.deepEqual(head.headers, [['Vary', '*']]);
  });

  it('keep their length, whatever Connection names', () => {
    const head = headOf(
      'HTTP/1.1 200 OK\r\nConnection: Content-Length\r\nContent-Length: 3\r\n\r\n',
    );
    assert.deepEqual(head.headers, [['Content-Length', '3']]);
  });

  it('have any final status that workers send', () => {
    for (const code of [200, 599, 600, 999]) {
      assert.equal(headOf(`HTTP/1.1 ${code} Own\r\n\r\n`).status, `${code} Own`);
    }
  });

  it('come after interim ones, which are dropped', () => {
    const head = headOf(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
    );
    assert.equal(head.code, 204);
    assert.deepEqual(head.headers, []);
  });

  for (const [what, text, reason] of [
    ['no status line', 'Status: 200 OK\r\n\r\n', /status line: "Status: 200 OK"/],
    ['something else at once', 'GIF8', /status line: "GIF8"/],
    ['an early line end', '\r\n', /status line: ""/],
    ['another version', 'HTTP/2 200 OK\r\n\r\n', /status line/],
    ['a status of two digits', 'HTTP/1.1 99 No\r\n\r\n', /status line/],
    ['a status below 100', 'HTTP/1.1 099 No\r\n\r\n', /status line/],
    ['a status of four digits', 'HTTP/1.1 1000 No\r\n\r\n', /status line/],
    ['a control character in the reason', 'HTTP/1.1 200 O\x00K\r\n\r\n', /status line/],
    ['a field without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', /line: "nonsense"/],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n', /line: "A : b"/],
    ['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', /line: " c"/],
    ['a line feed in a value', 'HTTP/1.1 200 OK\r\nA: b\nX: c\r\n\r\n', /line: "A: b\\nX: c"/],
    ['a NUL in a value', 'HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n', /header line/],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n',
      /more than/,
    ],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', /not a number: "-1"/],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n', /not a number/],
    ['a transfer coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', /Transfer-Enc/],
    ['another protocol', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', /switches protocols/],
  ] as const) {
    it(`are refused with ${what}`, () => assert.match(refusal(text), reason));
  }

  it('are refused above their size, with an end or without', () => {
    const start = 'HTTP/1.1 200 OK\r\nA: ';
    assert.match(refusal(start + 'x'.repeat(MAX_HEAD_BYTES)), /longer than 65536/);
    assert.match(refusal(`${start}${'x'.repeat(MAX_HEAD_BYTES)}\r\n\r\n`), /longer than 65536/);
  });

  it('cannot go on for ever as interim ones', () => {
    const parser = new ResponseHeadParser();
    const interim = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
    let last: HeadProgress = { kind: 'more' };
    for (let sent = 0; sent <= MAX_HEAD_BYTES && last.kind === 'more'; sent += interim.length) {
      last = parser.push(interim);
    }
    assert.equal(last.kind, 'malformed');
  });

  it('say the same however they are cut', () => {
    const text =
      'HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 201 Made It\r\nA: b\r\nContent-Length: 4\r\n\r\nbody';
    const whole = Buffer.from(text);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
        const parser = new ResponseHeadParser();
        let rest = '';
        let head: BackendHead | undefined;
        const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
        for (const [index, edge] of edges.slice(1).entries()) {
          const piece = whole.subarray(edges[index], edge);
          if (head !== undefined) rest += piece.toString();
          else if (piece.length > 0) {
            const progress = parser.push(piece);
            assert.notEqual(progress.kind, 'malformed');
            if (progress.kind === 'head') [head, rest] = [progress.head, progress.rest.toString()];
          }
        }
        assert.deepEqual(head, headOf(text));
        assert.equal(rest, 'body');
      }),
    );
  });

  it('are never such that the core would refuse them', () => {
    const field = fc.stringMatching(/^[!-~]{1,12}: ?[\t -~\x80-\xff]{0,20}$/);
    const flags = { HAS_DATE: 1, CLOSE: 2 };
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.array(field), (code, fields) => {
        const progress = parse(
          `HTTP/1.1 ${code} R\r\n${fields.map((f) => `${f}\r\n`).join('')}\r\n`,
        );
        if (progress.kind !== 'head') return;
        assert.equal(checkHead(progress.head.status, progress.head.headers, flags).code, code);
      }),
    );
  });
});
