import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { ScheduleChange } from '../../../src/ipc/application-messages.js';
import type { MasterMessage } from '../../../src/ipc/messages.js';
import { ApplicationDesk } from '../../../src/supervisor/application-desk.js';
import { leastBusy, signalReceivers } from '../../../src/supervisor/user-signals.js';
import type { WorkerHandle } from '../../../src/supervisor/workers/worker-handle.js';

interface FakeWorker {
  readonly handle: WorkerHandle;
  readonly sent: MasterMessage[];
  inFlight: number;
}

function fakeWorker(workerId: number): FakeWorker {
  const sent: MasterMessage[] = [];
  const worker: FakeWorker = {
    sent,
    inFlight: 0,
    handle: {
      workerId,
      pid: 1000 + workerId,
      board: { row: { get: () => worker.inFlight } },
      send: (message: MasterMessage) => sent.push(message),
    } as unknown as WorkerHandle,
  };
  return worker;
}

class Scene {
  readonly workers = [fakeWorker(1), fakeWorker(2), fakeWorker(3)] as const;
  readonly ready: FakeWorker[] = [...this.workers];
  readonly log: string[] = [];
  readonly commands: string[] = [];
  /** Locks by pid. */
  readonly held = new Map<number, number>();
  readonly desk: ApplicationDesk;

  constructor() {
    const write = (message: string): void => void this.log.push(message);
    this.desk = new ApplicationDesk({
      logger: { fact: write, info: write, warn: write, error: write },
      shared: {
        locks: { releaseAll: (pid) => this.held.get(pid) ?? 0, holder: () => 0 },
        lockCount: 1,
        caches: [],
      },
      memory: { fd: 9, layout: 1, plan: { locks: 1, caches: [] } },
      readyWorkers: () => this.ready.map(({ handle }) => handle),
      ownPids: () => new Set(),
      command: (command, reason) => {
        this.commands.push(`${command}: ${reason}`);
      },
    });
  }

  all(change: ScheduleChange): void {
    for (const { handle } of this.workers) this.desk.hear(handle, { type: 'schedule', change });
  }

  from(worker: FakeWorker, change: ScheduleChange): void {
    this.desk.hear(worker.handle, { type: 'schedule', change });
  }

  die(worker: FakeWorker): void {
    this.ready.splice(this.ready.indexOf(worker), 1);
    this.desk.gone(worker.handle);
  }

  /** Messages that each worker got. */
  counts(): number[] {
    return this.workers.map(({ sent }) => sent.length);
  }
}

const JOB: ScheduleChange = {
  type: 'timer',
  key: 'job',
  trigger: { type: 'every', ms: 1000 },
  act: { type: 'job' },
};

describe('receivers of a signal', () => {
  const candidates = [
    { workerId: 1, inFlight: 2 },
    { workerId: 2, inFlight: 0 },
    { workerId: 3, inFlight: 0 },
  ];
  const ids = (target: string): number[] =>
    signalReceivers(target, candidates).map(({ workerId }) => workerId);

  it('are as uWSGI’s targets say', () => {
    assert.deepEqual(ids(''), [2]);
    assert.deepEqual(ids('worker'), [2]);
    assert.deepEqual(ids('workers'), [1, 2, 3]);
    assert.deepEqual(ids('active-workers'), [1, 2, 3]);
    assert.deepEqual(ids('worker3'), [3]);
    assert.deepEqual(ids('worker4'), []);
    assert.deepEqual(signalReceivers('', []), []);
    const nobody: typeof candidates = [];
    assert.equal(leastBusy(nobody), undefined);
  });
});

describe('the desk for applications', () => {
  let scene: Scene;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
    scene = new Scene();
  });

  afterEach(() => {
    scene.desk.stop();
    mock.timers.reset();
  });

  it('passes commands on, with who gave them', () => {
    const [worker] = scene.workers;
    scene.desk.hear(worker.handle, { type: 'command', command: 'reload', reason: 'new models' });
    assert.deepEqual(scene.commands, ['reload: reload() of the application: new models']);
  });

  it('sends a signal where its target says, to ready workers that have a handler', () => {
    const [one, two] = scene.workers;
    scene.from(one, { type: 'handler', signal: 5, target: 'workers' });
    scene.from(two, { type: 'handler', signal: 5, target: 'workers' });
    scene.from(one, { type: 'raise', signal: 5 });
    assert.deepEqual(scene.counts(), [1, 1, 0]);
    assert.deepEqual(one.sent, [{ type: 'user-signal', signal: 5 }]);
    scene.die(one);
    scene.from(two, { type: 'raise', signal: 5 });
    assert.deepEqual(scene.counts(), [1, 2, 0]);
  });

  it('says that a signal goes to nobody', () => {
    scene.from(scene.workers[1], { type: 'raise', signal: 6 });
    assert.match(scene.log.join('\n'), /signal 6 of worker 2 \(pid 1002\) goes to nobody/);
  });

  it('raises a timer’s signal once a period, however many workers asked for it', () => {
    scene.all({ type: 'handler', signal: 5, target: '' });
    const trigger = { type: 'every', ms: 1000 } as const;
    scene.all({ type: 'timer', key: 't', trigger, act: { type: 'signal', signal: 5 } });
    mock.timers.tick(3000);
    assert.deepEqual(scene.counts(), [3, 0, 0]);
  });

  it('runs a job in the worker that has least to do, one at a time', () => {
    const [one, two] = scene.workers;
    scene.all(JOB);
    one.inFlight = 4;
    mock.timers.tick(3000);
    assert.deepEqual(scene.counts(), [0, 1, 0]);
    assert.equal(scene.log.length, 1);
    assert.match(scene.log[0] ?? '', /job "job" is due and still runs in worker 2 \(pid 1002\)/);
    scene.from(two, { type: 'done', key: 'job' });
    mock.timers.tick(1000);
    assert.deepEqual(scene.counts(), [0, 2, 0]);
  });

  it('runs a job elsewhere when its worker has died', () => {
    scene.all(JOB);
    mock.timers.tick(1000);
    assert.deepEqual(scene.counts(), [1, 0, 0]);
    scene.die(scene.workers[0]);
    mock.timers.tick(1000);
    assert.deepEqual(scene.counts(), [1, 1, 0]);
  });

  it('waits with a job while no worker is there, and goes on in its rhythm', () => {
    const [one, two, three] = scene.workers;
    scene.from(one, JOB);
    scene.ready.length = 0;
    scene.desk.gone(one.handle);
    mock.timers.tick(1500);
    scene.ready.push(three);
    scene.from(three, JOB);
    mock.timers.tick(500);
    assert.deepEqual(scene.counts(), [0, 0, 1]);
    assert.deepEqual(two.sent, []);
  });

  it('forgets a job that new code does not have', () => {
    const [one, two] = scene.workers;
    scene.from(one, JOB);
    scene.die(one);
    mock.timers.tick(1000);
    scene.from(two, { ...JOB, trigger: { type: 'every', ms: 200 } });
    mock.timers.tick(200);
    assert.deepEqual(scene.counts(), [0, 1, 0]);
  });

  it('ends a job in a worker that does not want it any more', () => {
    scene.all(JOB);
    scene.from(scene.workers[0], { type: 'leave', key: 'job' });
    mock.timers.tick(1000);
    assert.deepEqual(scene.counts(), [0, 1, 0]);
  });

  it('gives back the locks of a worker that died, and says so', () => {
    scene.held.set(1002, 2);
    scene.die(scene.workers[1]);
    scene.die(scene.workers[0]);
    assert.equal(scene.log.length, 1);
    assert.match(scene.log[0] ?? '', /worker 2 \(pid 1002\) died with 2 locks .* given back/);
  });
});
