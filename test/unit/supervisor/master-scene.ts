/** A master whose workers, sockets and log exist only as objects. */
import assert from 'node:assert/strict';
import type { BoundQueues } from '../../../src/binding/bound-queues.js';
import type { Config } from '../../../src/config/config.js';
import { resolveConfig } from '../../../src/config/resolve.js';
import type { LogFields, Logger } from '../../../src/log/logger.js';
import { Master } from '../../../src/supervisor/master.js';
import { commandFor, SIGNALS } from '../../../src/supervisor/commands/signals.js';
import { onCleanup } from '../../helpers/cleanup.js';
import { fakeHost } from '../config/fake-host.js';
import { FakeWorkers } from './fake-workers.js';

export function configure(...argv: string[]): Config {
  const host = fakeHost(2);
  const base = ['--http-socket', ':0', '--master', '--wsgi-file', 'x.ts'];
  const count = argv.includes('--processes') ? [] : ['--processes', '3'];
  const boots = argv.includes('--boot-concurrency') ? [] : ['--boot-concurrency', '64'];
  return resolveConfig({ argv: [...base, ...count, ...boots, ...argv], env: {}, host }).config;
}

/** Three slots with one queue each, unless the configuration says otherwise. */
export function queuesFor(config: Config): BoundQueues & { closed: number } {
  const queues = Array.from({ length: config.processes }, (_, slot) => ({
    fd: 20 + slot,
    slot,
    loop: 0,
    listener: 0,
    protocol: 'http' as const,
  }));
  return {
    queues,
    listeners: [
      {
        family: 'tcp',
        protocol: 'http',
        host: '0.0.0.0',
        port: 80,
        text: ':80',
        autoPort: false,
        inherited: false,
      },
    ],
    closed: 0,
    removeFiles: () => [],
    leaveFiles: () => undefined,
    claimFiles: () => undefined,
    close() {
      this.closed += 1;
    },
  };
}

export class Records implements Logger {
  readonly lines: string[] = [];
  readonly fields: LogFields[] = [];
  readonly fact = (message: string, fields: LogFields = {}): void => this.#add(message, fields);
  readonly info = this.fact;
  readonly warn = this.fact;
  readonly error = this.fact;

  #add(message: string, fields: LogFields): void {
    this.lines.push(message);
    this.fields.push(fields);
  }

  count(pattern: RegExp): number {
    return this.lines.filter((line) => pattern.test(line)).length;
  }

  event(name: string): LogFields {
    const found = this.fields.find((fields) => fields['event'] === name);
    assert.ok(found, `no event ${name} in:\n${this.lines.join('\n')}`);
    return found;
  }
}

/** A master with three workers and everything around it faked. */
export class Scene {
  readonly workers = new FakeWorkers();
  readonly log = new Records();
  readonly queues: ReturnType<typeof queuesFor>;
  readonly master: Master;
  /** The master's own: a reload may change it while the master runs. */
  readonly config: { -readonly [Name in keyof Config]: Config[Name] };
  /** OOM kills the kernel has counted. */
  oomKills = 0;
  /** How reloads ended: why they failed, or undefined. */
  readonly reloads: (string | undefined)[] = [];
  /** Why no successor has room beside the workers. */
  lack: string | undefined;

  constructor(argv: readonly string[]) {
    const config = { ...configure(...argv) };
    this.config = config;
    this.queues = queuesFor(config);
    this.master = new Master({
      config,
      queues: this.queues,
      logger: this.log,
      spawn: this.workers.spawn,
      oomKills: () => this.oomKills,
      lackOfMemory: () => this.lack,
      random: () => 0.5,
      reloaded: (failure) => this.reloads.push(failure),
    });
    this.master.start();
    onCleanup(() => this.master.stopNow('the test is over'));
  }
}

export const scene = (...argv: string[]): Scene => new Scene(argv);

export function allReady(...argv: string[]): Scene {
  const result = scene(...argv);
  for (const worker of result.workers.all) worker.becomeReady();
  for (const worker of result.workers.all) worker.received.length = 0;
  return result;
}

export function signal(master: Master, name: NodeJS.Signals): void {
  const row = SIGNALS.find((candidate) => candidate.signal === name);
  assert.ok(row);
  master.perform(commandFor(row, master.stopping), `${name} received`);
}
