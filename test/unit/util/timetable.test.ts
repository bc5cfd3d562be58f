import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { checkTrigger, describeTrigger, Timetable } from '../../../src/util/timetable.js';

describe('a timetable', () => {
  let due: string[] = [];
  let table: Timetable;

  beforeEach(() => {
    mock.timers.enable({
      apis: ['setTimeout', 'setInterval', 'Date'],
      now: Date.UTC(2026, 2, 1, 10, 0, 30),
    });
    due = [];
    table = new Timetable({ idle: false, due: (key) => due.push(key) });
  });

  afterEach(() => {
    table.clear();
    mock.timers.reset();
  });

  it('is due once a period', () => {
    table.add('a', { type: 'every', ms: 1000 });
    mock.timers.tick(999);
    assert.deepEqual(due, []);
    mock.timers.tick(2001);
    assert.deepEqual(due, ['a', 'a', 'a']);
  });

  it('keeps the phase of a key that is added again', () => {
    table.add('a', { type: 'every', ms: 1000 });
    mock.timers.tick(900);
    table.add('a', { type: 'every', ms: 1000 });
    mock.timers.tick(100);
    assert.deepEqual(due, ['a']);
  });

  it('is due so many times, and does not begin anew', () => {
    table.add('a', { type: 'every', ms: 1000, times: 2 });
    mock.timers.tick(5000);
    table.add('a', { type: 'every', ms: 1000, times: 2 });
    mock.timers.tick(5000);
    assert.deepEqual(due, ['a', 'a']);
  });

  it('is due in the minutes of a cron time, once each', () => {
    table.add('even', { type: 'cron', time: '*/2 * * * *' });
    table.add('every', {
      type: 'cron',
      time: { minute: -1, hour: -1, day: -1, month: -1, weekday: -1 },
    });
    for (let second = 0; second < 240; second += 1) mock.timers.tick(1000);
    assert.equal(due.filter((key) => key === 'every').length, 4);
    assert.equal(due.filter((key) => key === 'even').length, 2);
  });

  it('forgets what is removed', () => {
    table.add('a', { type: 'every', ms: 1000 });
    table.add('b', { type: 'cron', time: '* * * * *' });
    table.remove('a');
    table.remove('b');
    table.remove('c');
    mock.timers.tick(200_000);
    assert.deepEqual(due, []);
    assert.deepEqual(table.keys(), []);
  });

  it('names triggers', () => {
    const names = [
      describeTrigger({ type: 'every', ms: 1500 }),
      describeTrigger({ type: 'every', ms: 1000, times: 3 }),
      describeTrigger({ type: 'cron', time: ' @daily ' }),
      describeTrigger({
        type: 'cron',
        time: { minute: -5, hour: -1, day: -1, month: -1, weekday: 0 },
      }),
    ];
    assert.deepEqual(names, [
      'every 1.5 s',
      'every 1 s, 3 times',
      'cron @daily',
      'cron -5 -1 -1 -1 0',
    ]);
  });

  it('refuses periods that no timer keeps', () => {
    for (const ms of [0, -1, Number.NaN, 2 ** 31])
      assert.throws(() => checkTrigger({ type: 'every', ms }), /a period of/);
    assert.throws(() => checkTrigger({ type: 'cron', time: 'now' }), /five fields/);
  });
});
