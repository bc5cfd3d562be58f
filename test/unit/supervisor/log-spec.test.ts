import assert from 'node:assert/strict';
import { parseLogSpec } from '../../../src/supervisor/log-spec.js';
import { facilityNumber, syslogFrame } from '../../../src/supervisor/log-target.js';

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

  it('frame lines for syslog as RFC 3164 has it', () => {
    const now = (): Date => new Date(2026, 10, 2, 3, 4, 5);
    assert.equal(syslogFrame('app', 16, false, now)('hello'), '<134>Nov  2 03:04:05 app: hello');
    assert.equal(facilityNumber('LOCAL7'), 23);
    assert.equal(facilityNumber('nope'), undefined);
  });
});
