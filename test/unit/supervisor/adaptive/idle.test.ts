import assert from 'node:assert/strict';
import { Idle } from '../../../../src/supervisor/adaptive/idle.js';
import { idleAfter } from '../../../../src/supervisor/adaptive/idle-clock.js';
import { Scene, configure } from '../master-scene.js';

/** The listening sockets: a test lets a client connect. */
class Doors {
  readonly watched: (readonly number[])[] = [];
  broken = false;
  #knock: (() => void) | undefined;

  readonly addon = {
    QueueWatch: watchFor((fds, waits) => {
      if (this.broken) throw new Error('EEXIST');
      this.watched.push(fds);
      this.#knock = waits;
      return () => {
        this.#knock = undefined;
      };
    }),
  };

  knock(): void {
    const knock = this.#knock;
    this.#knock = undefined;
    knock?.();
  }

  get open(): boolean {
    return this.#knock !== undefined;
  }
}

function watchFor(begin: (fds: readonly number[], waits: () => void) => () => void) {
  return class {
    readonly stop: () => void;
    constructor(fds: readonly number[], waits: () => void) {
      this.stop = begin(fds, waits);
    }
  };
}

function play(...argv: string[]) {
  const scene = new Scene(argv);
  const doors = new Doors();
  const stops: string[] = [];
  const idle = new Idle({
    config: configure(...argv),
    slots: scene.master.slots,
    cheaping: scene.master.cheaping,
    fds: [20, 21, 22],
    channels: [30, 31],
    addon: doors.addon,
    logger: scene.log,
    stopping: () => scene.master.stopping,
    paused: () => scene.master.paused,
    stop: (reason) => stops.push(reason),
  });
  idle.start();
  const { master, workers, log } = scene;
  return { master, workers, log, doors, idle, stops };
}

describe('the idle clock', () => {
  it('begins anew with every request and runs while none is under way', () => {
    const facts = { now: 10, requests: 5, inFlight: 0, serves: true };
    const first = idleAfter(undefined, facts);
    assert.deepEqual(first, { requests: 5, since: 10 });
    assert.equal(idleAfter(first, { ...facts, now: 12 }).since, 10);
    assert.equal(idleAfter(first, { ...facts, now: 12, requests: 6 }).since, 12);
    assert.equal(idleAfter(first, { ...facts, now: 12, inFlight: 1 }).since, 12);
    assert.equal(idleAfter(first, { ...facts, now: 12, serves: false }).since, 12);
  });
});

describe('a server that rests', () => {
  it('with --cheap starts its workers at the first connection', () => {
    const { workers, doors } = play('--cheap');
    assert.deepEqual(doors.watched, [[20, 21, 22, 30, 31]]);
    assert.equal(workers.all.length, 0);
    doors.knock();
    assert.equal(workers.all.length, 3);
    assert.equal(doors.open, false);
  });

  it('starts no more workers than --cheaper says', () => {
    const { workers, doors } = play('--cheap', '--cheaper', '2');
    doors.knock();
    assert.equal(workers.all.length, 2);
  });

  it('does not rest while it is paused: whoever waits in its queues would wake it at once, again and again', () => {
    const { master, workers, idle } = play('--idle', '5');
    for (const worker of workers.all) worker.becomeReady();
    master.pause('SIGTSTP received');
    for (const now of [1, 10, 20]) idle.tick(now);
    assert.equal(idle.resting, false);
    master.pause('SIGTSTP received');
    for (const now of [21, 25.9]) idle.tick(now);
    assert.equal(idle.resting, true);
  });

  it('sends all workers away after --idle seconds, and wakes as often as somebody comes', () => {
    const { workers, doors, idle } = play('--idle', '5');
    for (const worker of workers.all) worker.becomeReady();
    for (const now of [1, 2, 5.9]) idle.tick(now);
    assert.equal(idle.resting, false);
    idle.tick(6);
    assert.equal(idle.resting, true);
    for (const worker of workers.all) {
      assert.equal(worker.of('drain').length, 1);
      worker.exit({ code: 17 });
    }
    assert.equal(workers.all.length, 3);
    idle.tick(20);
    doors.knock();
    assert.equal(workers.all.length, 6);
    idle.tick(30);
    idle.tick(40);
    assert.equal(idle.resting, false, 'its workers still boot');
    workers.latest.becomeReady();
    idle.tick(50);
    assert.equal(idle.resting, false, 'two of its workers still boot');
    for (const worker of workers.all.slice(3, 5)) worker.becomeReady();
    idle.tick(54.9);
    assert.equal(idle.resting, false);
    idle.tick(55);
    assert.equal(idle.resting, true);
  });

  it('ends the server with --die-on-idle', () => {
    const { idle, stops, workers } = play('--idle', '5', '--die-on-idle');
    for (const worker of workers.all) worker.becomeReady();
    idle.tick(1);
    idle.tick(6);
    assert.deepEqual(stops, ['workers have been inactive for more than 5 seconds (die-on-idle)']);
  });

  it('rests when it is told to, once', () => {
    const { idle, doors, log } = play();
    idle.rest('the operator');
    idle.rest('the operator');
    assert.equal(doors.watched.length, 1);
    assert.equal(log.count(/^the operator: all workers end/), 1);
  });

  it('does not begin to where it could not hear clients', () => {
    const { idle, doors, workers } = play();
    doors.broken = true;
    assert.throws(() => idle.rest('the operator'), /EEXIST/);
    assert.deepEqual(
      workers.all.flatMap((worker) => worker.of('drain')),
      [],
    );
    assert.equal(idle.resting, false);
  });

  it('starts nobody for a client of a server that stops', () => {
    const { doors, master, log } = play('--cheap');
    master.stopGracefully('enough');
    doors.knock();
    assert.equal(log.count(/a client connects/), 0);
  });

  it('does not listen for clients any more when it stops', () => {
    const { idle, doors } = play('--cheap');
    idle.stop();
    assert.equal(doors.open, false);
  });
});
