import assert from 'node:assert/strict';
import type { SpawnWorker } from '../../../../src/supervisor/workers/spawn.js';
import { Master } from '../../../../src/supervisor/master.js';
import { RoutedServer } from '../../../../src/supervisor/routers/routed-server.js';
import type { LiveConfig } from '../../../../src/supervisor/reload/options-reread.js';
import { RouterGroup } from '../../../../src/supervisor/routers/router-group.js';
import type { RouterBackend } from '../../../../src/supervisor/routers/router-starter.js';
import { commandFor, SIGNALS } from '../../../../src/supervisor/commands/signals.js';
import { onCleanup } from '../../../helpers/cleanup.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { FakeWorkers } from '../fake-workers.js';
import { configure, queuesFor, Records } from '../master-scene.js';

const BACKENDS: readonly RouterBackend[] = [
  { kind: 'fd', fd: 71, text: 'worker 1' },
  { kind: 'tcp', host: '127.0.0.1', port: 3031, text: ':3031' },
  { kind: 'fd', fd: 72, text: 'worker 2' },
];

/** Routers, and workers behind them unless `workers` is false; processes, sockets and log are objects. */
class Scene {
  readonly routers = new FakeWorkers();
  readonly workers = new FakeWorkers();
  readonly log = new Records();
  readonly clients: ReturnType<typeof queuesFor>;
  readonly server: RoutedServer;
  readonly group: RouterGroup;
  readonly config: LiveConfig;
  readonly inherited: (readonly number[])[] = [];
  announced = 0;

  constructor(argv: readonly string[], withWorkers = true, isHeir = false) {
    const http = ['--http', ':80', '--processes', '2', '--respawn-delay', '0'];
    const config = { ...configure(...http, ...argv) };
    this.config = config;
    const numbers = Array.from({ length: config.httpProcesses }, (_, slot) => slot);
    const channels = {
      senders: numbers.map((slot) => 81 + slot),
      receivers: numbers.map((slot) => 91 + slot),
    };
    this.clients = queuesFor({ ...config, processes: config.httpProcesses });
    const common = { config, logger: this.log, random: () => 0.5 };
    const spawn: SpawnWorker = (fds, events) => {
      this.inherited.push(fds);
      return this.routers.spawn(fds, events);
    };
    const queues = this.clients;
    const routers = (this.group = new RouterGroup({
      ...common,
      queues,
      backends: BACKENDS,
      spawn,
      channels,
    }));
    const master = new Master({
      ...common,
      queues: queuesFor(config),
      spawn: this.workers.spawn,
      oomKills: () => 0,
      allReady: () => this.server.workersReady(),
    });
    this.server = new RoutedServer({
      ...common,
      routers,
      workers: withWorkers ? master : undefined,
      isHeir,
      allReady: () => void (this.announced += 1),
    });
    this.server.start();
    onCleanup(() => this.signal('SIGINT'));
  }

  signal(name: NodeJS.Signals): void {
    const row = SIGNALS.find(({ signal }) => signal === name) ?? assert.fail(name);
    this.server.perform(commandFor(row, this.server.stopping), `${name} received`);
  }

  allReady(): this {
    for (const child of [...this.workers.all, ...this.routers.all]) child.becomeReady();
    return this;
  }
}

function sceneOfTwo(): Pick<Scene, 'config' | 'routers' | 'log'> & { hangUp: () => void } {
  const scene = new Scene(['--http-processes', '2']).allReady();
  const { config, routers, log } = scene;
  return { config, routers, log, hangUp: () => scene.signal('SIGHUP') };
}

describe('routers of a master', () => {
  it('inherit their queues, then the sockets of backends, then the channels', () => {
    const { routers, inherited } = new Scene(['--http-processes', '2']);
    assert.deepEqual(inherited, [
      [20, 21, 71, 72, 81, 82, 91],
      [20, 21, 71, 72, 81, 82, 92],
    ]);
    const [start] = routers.at(1).of('start');
    assert.equal(start?.workerId, 2);
    assert.deepEqual(
      start.queues.map(({ fd, own, protocol }) => [fd, own, protocol]),
      [
        [4, false, 'http'],
        [5, true, 'http'],
      ],
    );
    assert.deepEqual(start.backends, [
      { kind: 'unix', path: '/proc/self/fd/6', text: 'worker 1' },
      BACKENDS[1],
      { kind: 'unix', path: '/proc/self/fd/7', text: 'worker 2' },
    ]);
    assert.deepEqual(start.handOver, { senders: [8, 9], receiver: 10 });
  });

  it('serve the queues of one that is not there', () => {
    const scene = new Scene(['--http-processes', '2']).allReady();
    scene.routers.at(0).exit({ signal: 'SIGKILL' });
    assert.deepEqual(scene.routers.at(1).of('adopt').at(-1)?.queues, [0]);
    scene.routers.latest.becomeReady();
    assert.deepEqual(scene.routers.at(1).of('release').at(-1)?.queues, [0]);
  });

  it('are replaced when they die, and named as what they are', () => {
    const scene = new Scene([]).allReady();
    scene.routers.at(0).exit({ signal: 'SIGSEGV' });
    assert.equal(scene.routers.all.length, 2);
    assert.equal(scene.log.count(/DAMN ! router 1 .* connections wait until a router is ready/), 1);
    assert.equal(scene.log.count(/Respawned tsuwsgi-native router 1/), 1);
    assert.equal(scene.group.slots[0]?.totals.spawns, 2, 'for the statistics');
    assert.equal(scene.workers.all.length, 2);
  });

  it('get successors, one after the other, by a reload that has taken over options', () => {
    const { config, routers, log, ...scene } = sceneOfTwo();
    config.httpTimeout = 5;
    scene.hangUp();
    assert.equal(routers.all.length, 3);
    assert.equal(routers.at(2).of('start')[0]?.config.httpTimeout, 5);
    assert.deepEqual(routers.at(0).of('drain'), []);
    routers.at(2).becomeReady();
    const [order] = routers.at(0).of('drain');
    assert.equal(order?.othersGoOn, true);
    assert.equal(order.handTo, 0);
    assert.equal(routers.all.length, 4);
    routers.at(3).becomeReady();
    assert.equal(routers.at(1).of('drain')[0]?.handTo, 1);
    for (const old of [0, 1]) routers.at(old).exit({ code: 17 });
    assert.equal(log.count(/router \d .* is gone, its successor serves/), 2);
    assert.equal(log.count(/all routers are replaced/), 1);
    scene.hangUp();
    assert.equal(routers.all.length, 4, 'all of them know the options');
  });

  it('do not stay with options that were taken back while they booted', () => {
    const scene = new Scene([]).allReady();
    const { config, routers } = scene;
    const { httpTimeout } = config;
    config.httpTimeout = 5;
    scene.signal('SIGHUP');
    config.httpTimeout = httpTimeout;
    scene.signal('SIGHUP');
    routers.at(1).becomeReady();
    routers.at(2).becomeReady();
    assert.equal(routers.at(2).of('start')[0]?.config.httpTimeout, httpTimeout);
  });

  it('stay where a successor does not start, and the next reload tries again', () => {
    const { config, routers, log, ...scene } = sceneOfTwo();
    config.httpTimeout = 5;
    scene.hangUp();
    routers.at(2).exit({ code: 1 });
    assert.equal(log.count(/reload failed: the successor of router 1 .* 2 router\(s\) go on/), 1);
    assert.equal(routers.all.length, 3);
    scene.hangUp();
    assert.equal(routers.all.length, 4);
  });

  it('give their connections to a neighbour where they leave by themselves', () => {
    const { routers } = sceneOfTwo();
    routers.at(0).say({ type: 'bye', reason: 'SIGTERM' });
    const [order] = routers.at(0).of('drain');
    assert.equal(order?.handTo, 1);
  });

  it('are part of what has to be ready', () => {
    const scene = new Scene([]);
    for (const worker of scene.workers.all) worker.becomeReady();
    assert.equal(scene.announced, 0);
    scene.routers.at(0).becomeReady();
    assert.equal(scene.announced, 1);
    assert.equal(scene.log.count(/all routers are ready \(1\)/), 1);
  });

  it('end the server when they die before they are ready, time after time', async () => {
    const scene = new Scene(['--respawn-give-up', '3']);
    for (const worker of scene.workers.all) worker.becomeReady();
    for (let dead = 0; dead < 3; dead++) scene.routers.at(dead).exit({ code: 1 });
    assert.equal(scene.log.count(/giving up: 3 routers in a row/), 1);
    for (const worker of scene.workers.all) {
      assert.equal(worker.of('stop').length, 1);
      worker.exit({ code: 0 });
    }
    assert.equal(await scene.server.finished, 70);
  });
});

describe('a server with routers', () => {
  it('stops from the outside in', async () => {
    const scene = new Scene([]).allReady();
    scene.signal('SIGTERM');
    const [router] = scene.routers.all;
    assert.equal(router?.of('drain').length, 1);
    assert.ok(scene.clients.closed > 0, 'new clients are refused at once');
    assert.deepEqual(scene.workers.at(0).of('drain'), []);
    router.exit({ code: 17 });
    for (const worker of scene.workers.all) {
      assert.equal(worker.of('drain').length, 1);
      worker.exit({ code: 17 });
    }
    assert.equal(await scene.server.finished, 0);
  });

  it('cuts everything at a second SIGINT', async () => {
    const scene = new Scene([]).allReady();
    scene.signal('SIGINT');
    scene.signal('SIGINT');
    const all = [...scene.routers.all, ...scene.workers.all];
    for (const child of all) assert.equal(child.of('stop').length, 1);
    for (const child of all) child.exit({ code: 0 });
    assert.equal(await scene.server.finished, 0);
  });

  it('does not replace a router while it stops', () => {
    const scene = new Scene([]).allReady();
    scene.signal('SIGTERM');
    scene.routers.at(0).exit({ signal: 'SIGKILL' });
    assert.equal(scene.routers.all.length, 1);
  });

  it('ends with its workers’ error when they cannot be started', async () => {
    const scene = new Scene([]);
    const failure = { type: 'boot-failed', message: 'no x.ts', stack: '', exitCode: 22 } as const;
    scene.workers.at(0).say(failure);
    for (const worker of scene.workers.all) worker.exit({ code: 22 });
    const [router] = scene.routers.all;
    await waitUntil('the order to stop', () => router?.of('stop').length === 1);
    scene.routers.at(0).exit({ code: 0 });
    assert.equal(await scene.server.finished, 22);
  });

  it('tells of both on SIGUSR1', () => {
    const scene = new Scene([]).allReady();
    scene.signal('SIGUSR1');
    assert.equal(scene.log.count(/router 1 .*: ready/), 1);
    assert.equal(scene.log.count(/worker \d .*: ready/), 2);
  });

  it('leaves the connections of routers to those of a new master, where it has any', () => {
    for (const [routers, handTo] of [
      [1, 0],
      [0, undefined],
    ] as const) {
      const scene = new Scene(['--http-processes', '2']).allReady();
      scene.server.handOver('upgrade', { workers: 2, routers });
      const orders = scene.routers.all.flatMap((router) => router.of('drain'));
      assert.deepEqual(
        orders.map((order) => [order.othersGoOn, order.handTo]),
        [
          [true, handTo],
          [true, handTo],
        ],
      );
    }
  });

  it('has routers when its workers are ready, where it takes the place of a running one', () => {
    const scene = new Scene([], true, true);
    scene.workers.at(0).becomeReady();
    assert.equal(scene.routers.all.length, 0);
    scene.workers.at(1).becomeReady();
    assert.equal(scene.routers.all.length, 1);
    assert.equal(scene.announced, 0);
    scene.routers.at(0).becomeReady();
    assert.equal(scene.announced, 1);
  });

  it('ends without routers where its workers are not ready before', async () => {
    const scene = new Scene([], true, true);
    scene.signal('SIGTERM');
    for (const worker of scene.workers.all) {
      assert.equal(worker.of('drain').length, 1);
      worker.becomeReady();
      worker.exit({ code: 17 });
    }
    assert.equal(await scene.server.finished, 0);
    assert.equal(scene.routers.all.length, 0);
  });

  it('may have no workers at all', async () => {
    const scene = new Scene([], false);
    scene.routers.at(0).becomeReady();
    assert.equal(scene.announced, 1);
    assert.equal(scene.workers.all.length, 0);
    scene.signal('SIGHUP');
    assert.equal(scene.log.count(/SIGHUP received: ignored, no application runs here/), 1);
    scene.config.httpTimeout = 5;
    scene.signal('SIGHUP');
    assert.equal(scene.log.count(/ignored/), 1);
    scene.routers.latest.becomeReady();
    scene.routers.at(0).exit({ code: 17 });
    scene.signal('SIGTERM');
    scene.routers.latest.exit({ code: 17 });
    assert.equal(await scene.server.finished, 0);
    assert.equal(scene.log.count(/goodbye/), 1);
  });
});
