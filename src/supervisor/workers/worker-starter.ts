import {
  channelFds,
  inheritedFrom,
  type HandOverChannels,
} from '../../binding/hand-over-channels.js';
import { queuesForSlot, type BoundQueues } from '../../binding/bound-queues.js';
import type { Config } from '../../config/config.js';
import type { StartMessage } from '../../ipc/messages.js';
import { BOARD_FORM } from '../../ipc/scoreboard-layout.js';
import type { ApplicationDesk } from '../application-desk.js';
import type { MasterLog } from '../master-log.js';
import type { Scoreboard } from './scoreboard.js';
import { workerIdOf, type Slot } from './slot.js';
import { FIRST_QUEUE_FD, type SpawnWorker } from './spawn.js';
import { WorkerHandle, type WorkerObserver } from './worker-handle.js';

export interface WorkerStarterOptions {
  readonly config: Config;
  readonly queues: BoundQueues;
  readonly spawn: SpawnWorker;
  readonly scoreboard?: Scoreboard | undefined;
  /** For connections that workers give to each other. */
  readonly handOver?: HandOverChannels | undefined;
  /** Whose memory workers inherit. */
  readonly applications?: Pick<ApplicationDesk, 'memory'> | undefined;
  /** Whether the server is paused. */
  readonly paused?: () => boolean;
  /** Whether request lines have a way of their own to the master. */
  readonly requestLog?: boolean;
}

/** Starts a slot's workers: what they inherit, and what they are told first. */
export class WorkerStarter {
  readonly #options: WorkerStarterOptions;
  readonly #log: MasterLog;
  readonly #observer: WorkerObserver;

  constructor(options: WorkerStarterOptions, log: MasterLog, observer: WorkerObserver) {
    this.#options = options;
    this.#log = log;
    this.#observer = observer;
  }

  /** `again`: the slot had a worker before. */
  start(slot: Slot, again: boolean): WorkerHandle {
    const { config, queues, spawn, scoreboard, handOver, applications } = this.#options;
    const identity = { slot: slot.index, workerId: workerIdOf(slot.index) };
    const fds = queues.queues.map(({ fd }) => fd);
    if (scoreboard !== undefined) fds.push(scoreboard.fd);
    if (handOver !== undefined) fds.push(...channelFds(slot.index, handOver));
    if (applications !== undefined) fds.push(applications.memory.fd);
    const worker = new WorkerHandle(identity, fds, spawn, this.#observer);
    slot.totals.spawns += 1;
    worker.board = scoreboard?.lend();
    worker.board?.row.set('WORKER_ID', worker.workerId);
    worker.board?.row.set('PID', worker.pid ?? 0);
    this.#log.workerSpawned(worker, config.threads, again);
    worker.start(this.#message(worker, fds.length), config.bootTimeout * 1000);
    return worker;
  }

  /** Descriptors of a worker: the queues, the scoreboard, the channels, the application's memory, then the pipe for request lines. */
  #message(worker: WorkerHandle, inherited: number): StartMessage {
    const { config, queues, scoreboard, handOver, applications, requestLog, paused } =
      this.#options;
    const { slot, workerId, board } = worker;
    const message: StartMessage = {
      type: 'start',
      config,
      slot,
      workerId,
      queues: queuesForSlot(queues.queues, slot, (_, number) => FIRST_QUEUE_FD + number),
      listeners: queues.listeners.map(({ host, port }) => ({ host, port })),
      backends: [],
      ...(paused?.() === true ? { held: true } : {}),
    };
    const fd = FIRST_QUEUE_FD + queues.queues.length;
    const channelsAt = fd + (scoreboard === undefined ? 0 : 1);
    return {
      ...message,
      ...(scoreboard !== undefined && board !== undefined
        ? {
            scoreboard: {
              fd,
              form: BOARD_FORM,
              rows: scoreboard.rows,
              loops: scoreboard.loops,
              row: board.number,
            },
          }
        : {}),
      ...(handOver === undefined ? {} : { handOver: inheritedFrom(channelsAt, handOver) }),
      // The last of them.
      ...(applications === undefined
        ? {}
        : {
            applicationMemory: {
              fd: FIRST_QUEUE_FD + inherited - 1,
              layout: applications.memory.layout,
            },
          }),
      ...(requestLog === true ? { requestLogFd: FIRST_QUEUE_FD + inherited } : {}),
    };
  }
}
