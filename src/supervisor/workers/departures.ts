import type { ApplicationDesk } from '../application-desk.js';
import type { Cheaping } from '../adaptive/cheaping.js';
import { describeDeath, type DeathReason, type ProcessExit } from './death-reason.js';
import type { FleetEnd } from './fleet-end.js';
import type { MasterLog } from '../master-log.js';
import { OomKillCount } from './oom-kills.js';
import type { Respawns } from './respawns.js';
import type { Scoreboard } from './scoreboard.js';
import { leaveSlot, type Slot } from './slot.js';
import { settleBoard } from './slot-totals.js';
import type { Succession } from '../recycling/succession.js';
import type { WorkerHandle } from './worker-handle.js';

export interface DeparturesOptions {
  readonly slots: readonly Slot[];
  readonly log: MasterLog;
  readonly succession: Succession;
  readonly respawns: Respawns;
  readonly cheaping: Cheaping;
  readonly end: FleetEnd;
  readonly scoreboard?: Scoreboard | undefined;
  readonly applications?: Pick<ApplicationDesk, 'gone'> | undefined;
  /** OOM kills in our cgroup so far; undefined where the kernel does not count them. */
  readonly oomKills: () => number | undefined;
  /** To be called when the worker has left its slot: queues are to be handed out anew. */
  readonly left: () => void;
  /** Ids of the workers that take the connections of a slot meanwhile. */
  readonly serverIds: (slot: number) => readonly number[];
}

/** What the end of a worker's process means: an accident, the end of a successor, or what was waited for. */
export class Departures {
  readonly #options: DeparturesOptions;
  readonly #oomKills: OomKillCount;

  constructor(options: DeparturesOptions) {
    this.#options = options;
    this.#oomKills = new OomKillCount(options.oomKills);
  }

  gone(worker: WorkerHandle, exit: ProcessExit): void {
    const { slots, scoreboard, applications, succession, end, left } = this.#options;
    const death = describeDeath(worker.deathFacts(exit, this.#oomKills.fresh()));
    const slot = slots[worker.slot];
    if (slot === undefined) return;
    applications?.gone(worker);
    settleBoard(slot, worker, scoreboard);
    const place = leaveSlot(slot, worker);
    left();
    if (!end.running) end.bury(worker, death);
    else if (place === 'retired') this.#retired(slot, worker, death);
    else if (place === 'replacement') succession.failed(slot, worker, death);
    else this.#occupantDied(slot, worker, death);
  }

  /** The next of a chain reload has waited for this. */
  #retired(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    const { cheaping, log, succession } = this.#options;
    if (cheaping.leaves(worker)) log.workerCheaped(worker, death);
    else log.workerRetired(worker, death, slot.worker?.state === 'ready');
    succession.next();
  }

  #occupantDied(slot: Slot, worker: WorkerHandle, death: DeathReason): void {
    const { log, succession, respawns, serverIds } = this.#options;
    const taken = succession.takeOver(slot, worker, death);
    if (taken) log.workerDied(worker, death, 0, serverIds(slot.index));
    else respawns.replace(slot, worker, death);
    succession.next();
  }
}
