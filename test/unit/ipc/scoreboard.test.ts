import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { loadAddon } from '../../../src/binding/load.js';
import {
  BOARD_FORM,
  Cell,
  Counter,
  InFlightState,
  Latency,
  Layout,
} from '../../../src/ipc/scoreboard-layout.js';
import { ScoreboardRow, scoreboardBytes } from '../../../src/ipc/scoreboard.js';
import { BoardWriter } from './board-writer.js';

function rows(count: number, loops: number): ScoreboardRow[] {
  const memory = new ArrayBuffer(scoreboardBytes(count, loops));
  return Array.from({ length: count }, (_, row) => new ScoreboardRow(memory, row, loops));
}

function oneRow(loops = 1): ScoreboardRow {
  return rows(1, loops)[0] as ScoreboardRow;
}

describe("the scoreboard's layout", () => {
  it('is the one of the native core', () => {
    const { scoreboard, scoreboardCounter } = loadAddon().constants;
    assert.deepEqual(Layout, scoreboard);
    assert.deepEqual(Counter, scoreboardCounter);
  });

  it('has another number when anything in it has another place', () => {
    const places = JSON.stringify([Cell, Counter, Latency, Layout, InFlightState]);
    const digest = createHash('sha256').update(places).digest('hex').slice(0, 16);
    // Where the places have changed on purpose, both are new.
    assert.deepEqual([BOARD_FORM, digest], [2, '078aa04b7b82a7fe']);
  });

  it('gives every cell a place of its own, in the lines of its writer', () => {
    const places = Object.values(Cell);
    assert.equal(new Set(places).size, places.length);
    assert.ok(places.every((place) => place < Layout.cells && place * 8 < Layout.textAt));
    assert.deepEqual([Cell.CALL_LENGTH, Cell.CALL_HANDLE, Cell.CONDEMNED], [4, 15, 16]);
  });
});

describe('a row of the scoreboard', () => {
  it('cuts long requests, and forgets them', () => {
    const row = oneRow();
    assert.equal(row.call(), undefined);
    row.enterCall('GET', `/${'x'.repeat(5000)}`);
    assert.equal(row.call()?.length, Layout.textBytes);
    row.leaveCall();
    assert.equal(row.call(), undefined);
  });

  it('is kept apart from its neighbours, and cleared as a whole', () => {
    const [first, second] = rows(2, 2) as [ScoreboardRow, ScoreboardRow];
    new BoardWriter(first, 1).counter('REQUESTS', 7);
    first.add('EXCEPTIONS');
    new BoardWriter(second, 0).counter('REQUESTS', 1);
    second.set('HEARTBEAT', 2.5);
    const figures = (row: ScoreboardRow): number[] => [
      row.get('REQUESTS'),
      row.get('EXCEPTIONS'),
      row.get('HEARTBEAT'),
    ];
    assert.deepEqual(
      [figures(first), figures(second)],
      [
        [7, 1, 0],
        [1, 0, 2.5],
      ],
    );
    first.clear();
    assert.deepEqual(
      [figures(first), figures(second)],
      [
        [0, 0, 0],
        [1, 0, 2.5],
      ],
    );
  });

  it('adds up what its loops counted', () => {
    const row = oneRow(3);
    for (const loop of [0, 1, 2]) {
      const writer = new BoardWriter(row, loop);
      writer.counter('BYTES_OUT', 2 ** 40);
      writer.counter('HANDED_OVER', 10);
      writer.taken(10 - loop);
      writer.counter('RUNNING_MICROS', 100);
      writer.bucket('total', 5 + loop, 2);
    }
    assert.equal(row.get('BYTES_OUT'), 3 * 2 ** 40);
    assert.equal(row.waiting, 3);
    const total = row.histogram('total');
    assert.deepEqual([total.count, total.sumMicros, total.counts[6]], [6, 300, 2]);
    assert.equal(row.histogram('writing').count, 0);
  });
});

describe('requests in flight', () => {
  it('tell where they are, the oldest first', () => {
    const row = oneRow(2);
    const writer = new BoardWriter(row, 0);
    writer.taken(4);
    const common = { method: 'GET', startedMicros: 9000 };
    writer.request(0, { ...common, uri: '/b', state: 'BODY' });
    writer.request(2, { ...common, uri: '/w', state: 'GIVEN', sequence: 5, startedMicros: 2000 });
    writer.request(3, { ...common, uri: '/j', state: 'GIVEN', sequence: 4, startedMicros: 3000 });
    new BoardWriter(row, 1).request(63, {
      method: 'OPTIONS',
      uri: '/ä',
      state: 'WRITING',
      startedMicros: 1500,
      deadlineMicros: 2500,
    });
    assert.deepEqual(
      row.inFlight().map(({ uri, state }) => `${uri} ${state}`),
      ['/ä writing', '/w waiting', '/j javascript', '/b body'],
    );
    assert.deepEqual(row.inFlight()[0], {
      method: 'OPTIONS',
      uri: '/ä',
      state: 'writing',
      startedMs: 1.5,
      deadlineMs: 2.5,
      handle: 0x0200_0007,
      generation: 3,
    });
  });

  it('leaves out what is just being written, and what is free', () => {
    const row = oneRow();
    const writer = new BoardWriter(row);
    writer.request(0, { method: 'GET', uri: '/', state: 'GIVEN', version: 3 });
    writer.request(1, { method: 'GET', uri: '/', state: 'FREE' });
    assert.deepEqual(row.inFlight(), []);
  });
});
