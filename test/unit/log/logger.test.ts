import assert from 'node:assert/strict';
import {
  createLogger,
  ctime,
  jsonLine,
  type LogFormat,
  type Logger,
} from '../../../src/log/logger.js';

const TIME = new Date(2026, 10, 5, 9, 8, 7).getTime();

function logTo(format: LogFormat, write: (logger: Logger) => void): string {
  const lines: string[] = [];
  write(createLogger({ format, write: (line) => lines.push(line), now: () => TIME }));
  return lines.join('');
}

describe('logger', () => {
  it('prints the time as ctime(3) does', () => {
    assert.equal(ctime(new Date(TIME)), 'Thu Nov  5 09:08:07 2026');
  });

  it('prints facts plainly and everything later with its time', () => {
    const text = logTo('text', (logger) => {
      logger.fact('a fact', { pid: 1 });
      logger.info('an event', { reason: 'not printed: the message says it' });
    });
    assert.equal(text, 'a fact\nThu Nov  5 09:08:07 2026 - an event\n');
  });

  it('prints a stack below its message, indented', () => {
    const text = logTo('text', (logger) =>
      logger.error('failed', { stack: 'Error: x\n    at y\n' }),
    );
    assert.equal(text, 'Thu Nov  5 09:08:07 2026 - failed\n    Error: x\n        at y\n');
  });

  it('prints the time at which a record was made where it comes late', () => {
    const text = logTo('text', (logger) => logger.warn('late', undefined, TIME - 4000));
    assert.equal(text, 'Thu Nov  5 09:08:03 2026 - late\n');
  });

  it('writes one JSON object a line, with every field', () => {
    const text = logTo('json', (logger) => {
      logger.fact('up', { port: 80 });
      logger.warn('worker died', { worker: 1, reason: 'line\nbreak' });
    });
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const time = new Date(TIME).toISOString();
    assert.deepEqual(records, [
      { time, level: 'info', pid: process.pid, msg: 'up', port: 80 },
      {
        time,
        level: 'warn',
        pid: process.pid,
        msg: 'worker died',
        worker: 1,
        reason: 'line\nbreak',
      },
    ]);
  });

  it('keeps its own names when a field has one of them', () => {
    const record = JSON.parse(
      jsonLine('info', 'm', { pid: 7, level: 'x' }, new Date(TIME)),
    ) as Record<string, unknown>;
    assert.equal(record['pid'], process.pid);
    assert.equal(record['pid_'], 7);
    assert.equal(record['level_'], 'x');
  });

  it('never loses a record over the type of a field', () => {
    const line = jsonLine('error', 'm', { big: 5n, error: new Error('why') }, new Date(TIME));
    const record = JSON.parse(line) as Record<string, unknown>;
    assert.equal(record['big'], '5');
    assert.match(String(record['error']), /^Error: why\n/);
  });
});
