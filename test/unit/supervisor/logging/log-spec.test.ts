import assert from 'node:assert/strict';
import { ConfigError } from '../../../../src/errors.js';
import { openTarget, parseLogSpec } from '../../../../src/supervisor/logging/log-spec.js';
import { facilityNumber, syslogFrame } from '../../../../src/supervisor/logging/syslog-frame.js';

describe('loggers', () => {
  it('have a kind, an argument, and perhaps an id', () => {
    const parse = (text: string): (string | undefined)[] => {
      const { id, kind, argument } = parseLogSpec(text);
      return [id, kind, argument];
    };
    assert.deepEqual(parse('file:/tmp/a b.log'), [undefined, 'file', '/tmp/a b.log']);
    assert.deepEqual(parse('err file:./x'), ['err', 'file', './x']);
    assert.deepEqual(parse('stdio'), [undefined, 'stdio', '']);
    assert.deepEqual(parse('mine syslog:app,local0'), ['mine', 'syslog', 'app,local0']);
    assert.deepEqual(parse('socket:127.0.0.1:1717'), [undefined, 'socket', '127.0.0.1:1717']);
  });

  it('are refused at the start where they cannot work', () => {
    const context = {
      addon: {
        connectDatagram: () => assert.fail('nothing is to be sent'),
        openOutput: () => () => assert.fail('nothing is to be written'),
        makeFifo: () => assert.fail('nothing is to be made'),
      },
      directory: '/nonexistent',
      rotation: { mode: undefined, backupName: undefined },
    };
    const refused: readonly [string, RegExp][] = [
      ['fd:', /--logger fd:: a descriptor must be a whole number/],
      ['fd:9999', /--logger fd:9999: EBADF/],
      ['rsyslog:,app', /no host is named/],
      ['fd:stderr', /a descriptor must be a whole number/],
      ['file:logfile=x.log,maxsize=1M', /maxsize must be a whole number/],
      ['socket:127.0.0.1:70000', /there is no port 70000/],
      ['rsyslog:127.0.0.1:0', /there is no port 0/],
      ['syslog:app,nope', /there is no facility nope/],
      ['carrier-pigeon:x', /there is no logger carrier-pigeon; known are file, fifo, fd/],
      ['redislog:127.0.0.1:6379', /there is no logger redislog here: send lines to a collector/],
      ['systemd', /there is no logger systemd here: .* the journal takes standard error/],
      ['fifo:/dev/null', /--logger fifo:\/dev\/null: it is no named pipe/],
      ['fifo:', /no named pipe is named/],
    ];
    for (const [text, message] of refused) {
      assert.throws(
        () => openTarget(text, context),
        (error) => error instanceof ConfigError && message.test(error.message),
        text,
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
