import assert from 'node:assert/strict';
import { GatewayError } from '../../../../src/app/errors.js';
import { checkHead } from '../../../../src/worker/gateway/response-head.js';
import type { Header } from '../../../../src/app/types.js';
import { constants } from '../fake-core.js';

const flags = constants.opFlag;

function check(status: unknown, headers: unknown = []): ReturnType<typeof checkHead> {
  return checkHead(status, headers as readonly Header[], flags);
}

describe('response head', () => {
  it('is reason and field lines', () => {
    const head = check('200 OK', [
      ['Content-Type', 'text/html'],
      ['X-Name', 'caf\u00e9'],
    ]);
    assert.equal(head.code, 200);
    assert.equal(
      Buffer.from(head.bytes).toString('latin1'),
      'OK\r\nContent-Type: text/html\r\nX-Name: caf\u00e9\r\n',
    );
    assert.equal(head.fields, 2);
  });

  it('has the standard reason where the status has none', () => {
    assert.equal(Buffer.from(check('404').bytes).toString(), 'Not Found\r\n');
    assert.equal(Buffer.from(check('299').bytes).toString(), 'Unknown\r\n');
    assert.equal(Buffer.from(check('200 ').bytes).toString(), '\r\n');
  });

  it('leaves framing fields to the core', () => {
    const head = check('200 OK', [
      ['content-LENGTH', '12'],
      ['Connection', 'Close'],
      ['Date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ]);
    assert.equal(head.declared, 12);
    assert.equal(head.lengthIndex, 0);
    assert.equal(head.flags, flags.CLOSE | flags.HAS_DATE);
    assert.equal(
      Buffer.from(head.bytes).toString(),
      'OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n',
    );
  });

  const badStatuses = [
    200,
    null,
    undefined,
    '',
    'OK',
    '20 OK',
    '1000 OK',
    '100 Continue',
    '200OK',
    '200 a\nb',
    '200 \u4f60',
  ];
  for (const status of badStatuses) {
    it(`refuses the status ${JSON.stringify(status)}`, () => {
      assert.throws(() => check(status), { name: 'GatewayError', code: 'ERR_TSUWSGI_STATUS' });
    });
  }

  const badHeaders: readonly unknown[] = [
    'a',
    null,
    { 'Content-Type': 'text/plain' },
    ['Content-Type', 'text/plain'],
    [['Content-Type']],
    [['a', 'b', 'c']],
    [null],
    [['a', 1]],
    [[Symbol('a'), 'b']],
    [['a b', 'c']],
    [['', 'c']],
    [['a:', 'c']],
    [['n\u00e4me', 'c']],
    [['a', 'b\r\nSet-Cookie: x=1']],
    [['a', 'b\n']],
    [['a', 'b\0']],
    [['a', '\x7f']],
    [['a', '\u4f60']],
    [['Content-Length', '-1']],
    [['Content-Length', '1e3']],
    [['Content-Length', '']],
    [['Content-Length', '9999999999999999']],
    [
      ['Content-Length', '1'],
      ['Content-Length', '1'],
    ],
    [['Transfer-Encoding', 'chunked']],
    [['Connection', 'keep-alive']],
    [['Connection', 'close, x']],
    [['Keep-Alive', 'timeout=5']],
    [['Upgrade', 'websocket']],
    [['TE', 'trailers']],
    [['Trailer', 'x']],
  ];
  for (const headers of badHeaders) {
    const name = JSON.stringify(headers, (_key, value: unknown) =>
      typeof value === 'symbol' ? 'symbol' : value,
    );
    it(`refuses the headers ${name}`, () => {
      assert.throws(
        () => check('200 OK', headers),
        (error: unknown) => {
          assert.ok(error instanceof GatewayError);
          assert.equal(error.code, 'ERR_TSUWSGI_HEADER');
          return true;
        },
      );
    });
  }
});
