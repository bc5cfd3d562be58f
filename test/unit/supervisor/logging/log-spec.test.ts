import assert from 'node:assert/strict';
import { parseLogSpec } from '../../../../src/config/log-spec.js';
import { accepted } from '../../../../src/config/parsed.js';
import { facilityNumber } from '../../../../src/config/syslog-facility.js';
import { OptionError } from '../../../../src/errors.js';
import { openTarget } from '../../../../src/supervisor/logging/log-spec.js';
import { syslogFrame } from '../../../../src/supervisor/logging/syslog-frame.js';

describe('loggers', () => {
  it('have a kind, an argument, and perhaps an id', () => {
    const parse = (text: string): unknown => {
      const [spec] = accepted([text], parseLogSpec);
      return [spec?.id, spec?.place];
    };
    const file = (path: string, more = {}) => ({
      kind: 'file',
      path,
      maxBytes: undefined,
      backupName: undefined,
      ...more,
    });
    assert.deepEqual(parse('file:/tmp/a b.log'), [undefined, file('/tmp/a b.log')]);
    assert.deepEqual(parse('err file:./x'), ['err', file('./x')]);
    assert.deepEqual(parse('file:logfile=a,maxsize=0'), [
      undefined,
      file('a', { maxBytes: Infinity }),
    ]);
    assert.deepEqual(parse('stdio'), [undefined, { kind: 'descriptor', fd: 2 }]);
    const syslog = { tag: 'app', facility: 16, withHost: false };
    assert.deepEqual(parse('mine syslog:app,local0'), [
      'mine',
      { kind: 'unix', path: '/dev/log', form: { syslog } },
    ]);
    const udp = { kind: 'udp', host: '127.0.0.1' };
    assert.deepEqual(parse('socket:127.0.0.1:1717,x'), [
      undefined,
      { ...udp, port: 1717, form: { prefix: 'x' } },
    ]);
    const remote = { tag: 'tsuwsgi-native', facility: 1, withHost: true };
    for (const [text, place] of [
      ['rsyslog:127.0.0.1', { ...udp, port: 514 }],
      ['rsyslog::99', { ...udp, port: 99 }],
      ['rsyslog:/run/x', { kind: 'unix', path: '/run/x' }],
    ] as const)
      assert.deepEqual(parse(text), [undefined, { ...place, form: { syslog: remote } }]);
  });

  it('are refused where they make no sense', () => {
    const refused: readonly [string, RegExp][] = [
      ['fd:', /needs a whole number for its descriptor/],
      ['fd:stderr', /needs a whole number for its descriptor/],
      ['file:', /names no file/],
      ['fifo:', /names no named pipe/],
      ['socket:', /names no address/],
      ['rsyslog:,app', /names no host/],
      ['file:logfile=x.log,maxsize=1M', /needs a whole number for its maxsize/],
      ['socket:127.0.0.1:70000', /has no valid port: 70000/],
      ['rsyslog:127.0.0.1:0', /has no valid port: 0/],
      ['syslog:app,nope', /there is no facility nope/],
      ['carrier-pigeon:x', /there is no logger carrier-pigeon; known are file, fifo, fd/],
      ['redislog:127.0.0.1:6379', /there is no logger redislog here: send lines to a collector/],
      ['systemd', /there is no logger systemd here: .* the journal takes standard error/],
    ];
    for (const [text, message] of refused) {
      const parsed = parseLogSpec(text);
      assert.match(parsed.ok ? '' : parsed.reason, message, text);
    }
  });

  it('are refused where they cannot be opened', () => {
    const context = {
      addon: {
        connectDatagram: () => assert.fail('nothing is to be sent'),
        openOutput: () => () => assert.fail('nothing is to be written'),
        makeFifo: () => assert.fail('nothing is to be made'),
      },
      directory: '/nonexistent',
      rotation: { mode: undefined, backupName: undefined },
    };
    for (const [text, message] of [
      ['fd:9999', /--req-logger fd:9999: EBADF/],
      ['fifo:/dev/null', /--req-logger fifo:\/dev\/null: it is no named pipe/],
    ] as const) {
      const [spec] = accepted([text], parseLogSpec);
      assert.ok(spec);
      assert.throws(
        () => openTarget(spec, 'req-logger', context),
        (error) => error instanceof OptionError && message.test(error.message),
      );
    }
  });

  it('frame lines for syslog as RFC 3164 has it', () => {
    const now = (): Date => new Date(2026, 10, 2, 3, 4, 5);
    assert.equal(syslogFrame('app', 16, false, now)('hello'), '<134>Nov  2 03:04:05 app: hello');
    assert.equal(facilityNumber('LOCAL7'), 23);
    assert.equal(facilityNumber('nope'), undefined);
  });
});
