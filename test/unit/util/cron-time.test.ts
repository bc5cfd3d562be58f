import assert from 'node:assert/strict';
import { cronOfNumbers, cronOfText, isDue } from '../../../src/util/cron-time.js';

/** Local time; 2026-03-01 is a Sunday. */
const at = (text: string): Date => new Date(text);

interface Case {
  readonly time: string;
  readonly due: readonly string[];
  readonly not: readonly string[];
}

const TEXTS: readonly Case[] = [
  { time: '* * * * *', due: ['2026-03-01T00:00', '2026-12-31T23:59'], not: [] },
  {
    time: '*/15 * * * *',
    due: ['2026-03-01T04:00', '2026-03-01T04:45'],
    not: ['2026-03-01T04:01', '2026-03-01T04:50'],
  },
  {
    time: '5-20/5,59 3 * * *',
    due: ['2026-03-02T03:05', '2026-03-02T03:20', '2026-03-02T03:59'],
    not: ['2026-03-02T03:25', '2026-03-02T04:05', '2026-03-02T03:00'],
  },
  {
    time: '40/10 * * * *',
    due: ['2026-03-02T03:40', '2026-03-02T03:50'],
    not: ['2026-03-02T03:30', '2026-03-02T03:00'],
  },
  {
    time: '0 12 * feb,Apr-jun mon-fri',
    due: ['2026-02-02T12:00', '2026-05-01T12:00'],
    not: ['2026-03-02T12:00', '2026-02-01T12:00', '2026-02-07T12:00'],
  },
  { time: '0 0 * * 7', due: ['2026-03-01T00:00'], not: ['2026-03-02T00:00', '2026-02-28T00:00'] },
  { time: '0 0 * * 5-7', due: ['2026-03-01T00:00', '2026-03-06T00:00'], not: ['2026-03-05T00:00'] },
  {
    time: '0 0 13 * fri',
    due: ['2026-03-13T00:00', '2026-03-06T00:00', '2026-04-13T00:00'],
    not: ['2026-03-12T00:00'],
  },
  { time: '0 0 13 * *', due: ['2026-03-13T00:00'], not: ['2026-03-06T00:00'] },
  {
    time: '@weekly',
    due: ['2026-03-01T00:00'],
    not: ['2026-03-01T00:01', '2026-03-01T01:00', '2026-03-02T00:00'],
  },
  { time: ' @hourly ', due: ['2026-03-01T07:00'], not: ['2026-03-01T07:30'] },
];

const NUMBERS: readonly { readonly fields: readonly number[]; readonly case: Case }[] = [
  {
    fields: [-1, -1, -1, -1, -1],
    case: { time: '', due: ['2026-03-01T00:00', '2026-07-09T13:31'], not: [] },
  },
  {
    fields: [-5, -1, -1, -1, -1],
    case: { time: '', due: ['2026-03-01T00:00', '2026-03-01T00:55'], not: ['2026-03-01T00:56'] },
  },
  {
    fields: [59, 2, 31, 12, -1],
    case: { time: '', due: ['2026-12-31T02:59'], not: ['2026-12-30T02:59', '2026-12-31T03:59'] },
  },
  {
    fields: [0, 0, -1, -1, 7],
    case: { time: '', due: ['2026-03-01T00:00'], not: ['2026-03-07T00:00'] },
  },
  {
    fields: [0, 0, 2, -1, 0],
    case: { time: '', due: ['2026-03-01T00:00', '2026-03-02T00:00'], not: ['2026-03-03T00:00'] },
  },
];

describe('cron times', () => {
  for (const { time, due, not } of TEXTS) {
    it(`"${time}"`, () => {
      for (const moment of due) assert.equal(isDue(cronOfText(time), at(moment)), true, moment);
      for (const moment of not) assert.equal(isDue(cronOfText(time), at(moment)), false, moment);
    });
  }

  for (const { fields, case: expected } of NUMBERS) {
    it(`uWSGI's numbers ${fields.join(' ')}`, () => {
      const [minute = 0, hour = 0, day = 0, month = 0, weekday = 0] = fields;
      const time = cronOfNumbers({ minute, hour, day, month, weekday });
      for (const moment of expected.due) assert.equal(isDue(time, at(moment)), true, moment);
      for (const moment of expected.not) assert.equal(isDue(time, at(moment)), false, moment);
    });
  }

  for (const text of [
    '* * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '9-3 * * * *',
    '* * * * monday',
    'a * * * *',
    '*-5 * * * *',
    '1,, * * * *',
    '@reboot',
  ]) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => cronOfText(text), RangeError);
    });
  }

  for (const minute of [60, -60, 1.5, Number.NaN]) {
    it(`refuses the minute ${minute}`, () => {
      const rest = { hour: -1, day: -1, month: -1, weekday: -1 };
      assert.throws(() => cronOfNumbers({ minute, ...rest }), /cron minute/);
    });
  }
});
