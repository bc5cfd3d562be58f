import assert from 'node:assert/strict';
import type { Logger } from '../../../../src/log/logger.js';
import { EventHistory, recordedIn } from '../../../../src/supervisor/stats/event-history.js';

const nothing = (): void => undefined;
const SILENT: Logger = { fact: nothing, info: nothing, warn: nothing, error: nothing };

describe('the history of events', () => {
  it('keeps what the log is told, with worker, process and reason', () => {
    const history = new EventHistory(10, () => 5);
    const logger = recordedIn(history, SILENT);
    logger.info('worker 2 (pid: 9) is replaced: 100 requests', {
      ...{ event: 'worker-recycling', reason: '100 requests', worker: 2, workerPid: 9 },
    });
    assert.deepEqual(history.events, [
      {
        ...{ number: 1, time: 5, level: 'info', event: 'worker-recycling', worker: 2, pid: 9 },
        ...{ reason: '100 requests', message: 'worker 2 (pid: 9) is replaced: 100 requests' },
      },
    ]);
  });

  it('passes every record on, and keeps none without an event', () => {
    const lines: string[] = [];
    const put =
      (level: string) =>
      (message: string): void =>
        void lines.push(`${level} ${message}`);
    const history = new EventHistory();
    const logger = recordedIn(history, {
      ...{ fact: put('fact'), info: put('info'), warn: put('warn'), error: put('error') },
    });
    logger.fact('one');
    logger.warn('two', { reason: 'no name' });
    logger.error('three', { event: 'worker-died' });
    assert.deepEqual(lines, ['fact one', 'warn two', 'error three']);
    assert.deepEqual(
      history.events.map(({ level, event }) => [level, event]),
      [['error', 'worker-died']],
    );
  });

  it('forgets the oldest and goes on counting', () => {
    const history = new EventHistory(2);
    for (let i = 0; i < 5; i += 1) history.record('info', 'x', { event: i < 4 ? 'a' : 'b' });
    assert.deepEqual(
      history.events.map(({ number }) => number),
      [4, 5],
    );
    assert.deepEqual(
      [...history.counts],
      [
        ['a', 4],
        ['b', 1],
      ],
    );
  });
});
