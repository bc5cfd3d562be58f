/** `--cheaper`: looks at the workers once a second, and has more or fewer of them. */
import type { Config } from '../../config/config.js';
import { monotonicMs } from '../../ipc/scoreboard.js';
import type { Logger } from '../../log/logger.js';
import { decideCount, FIRST_STATE, type CheaperState } from './cheaper-algorithms.js';
import {
  cheaperSettings,
  type CheaperSettings,
  type Decision,
  type LoadFacts,
} from './cheaper-facts.js';
import { chooseVictim, type Candidate } from './cheaper-victim.js';
import type { Cheaping } from './cheaping.js';
import { processMemory } from '../recycling/process-memory.js';
import type { Slot } from '../workers/slot.js';
import { busyShare } from './worker-load.js';

export interface CheaperOptions {
  readonly config: Config;
  readonly cheaping: Pick<Cheaping, 'active' | 'wake' | 'cheap' | 'busy'>;
  /** Connections that nobody has accepted yet. */
  readonly backlog: () => number;
  readonly logger: Logger;
}

export class Cheaper {
  readonly #options: CheaperOptions;
  readonly #settings: CheaperSettings;
  #state: CheaperState = FIRST_STATE;
  #held = false;

  constructor(options: CheaperOptions) {
    this.#options = options;
    this.#settings = cheaperSettings(options.config);
  }

  /** What `busyness` goes by: 0 to 1, of its last cycle; undefined before its end and for other algorithms. */
  get busyness(): number | undefined {
    const { mean } = this.#state.busyness;
    return mean === undefined ? undefined : mean / 100;
  }

  /** Once a second. `asked`: workers that the operator wants more, or fewer. */
  tick(asked = 0): void {
    const { active } = this.#options.cheaping;
    if (active.length === 0) return;
    const facts = this.#look(active);
    const { state, decision } = decideCount(this.#state, facts, this.#settings, asked);
    this.#state = state;
    this.#say(decision);
    if (decision.change > 0) this.#add(decision);
    if (decision.change < 0) this.#remove(active, decision.why ?? 'not needed');
    else if (asked !== 0 && decision.change === 0) this.#refuse(asked, facts);
  }

  #look(active: readonly Slot[]): LoadFacts {
    const { rssSoft, rssHard, algorithm } = this.#settings;
    const now = monotonicMs();
    const countsMemory = rssSoft + rssHard > 0;
    const countsBacklog = algorithm === 'backlog' || algorithm === 'busyness';
    let load = 0;
    let residentBytes = 0;
    for (const { worker } of active) {
      if (worker?.state === 'ready' && worker.board !== undefined)
        load += busyShare(worker.board.row, now);
      if (countsMemory && worker?.pid !== undefined)
        residentBytes += processMemory(worker.pid)?.residentBytes ?? 0;
    }
    return {
      now: now / 1000,
      active: active.length,
      booting: active.filter(({ worker }) => worker?.state !== 'ready').length,
      load,
      backlog: countsBacklog ? this.#options.backlog() : 0,
      residentBytes,
    };
  }

  #add({ change, why = 'more load' }: Decision): void {
    const { cheaping, logger } = this.#options;
    const workers = cheaping.wake(change);
    const message = `${workers} worker(s) more, ${cheaping.active.length} in all: ${why}`;
    logger.info(message, { event: 'workers-added', reason: why, workers });
  }

  /** One at a time: a worker that leaves hands connections to another one, which must not leave meanwhile. */
  #remove(active: readonly Slot[], why: string): void {
    const { cheaping } = this.#options;
    const ready = active.filter(
      ({ worker, replacement }) => worker?.state === 'ready' && replacement === undefined,
    );
    if (cheaping.busy || ready.length <= this.#settings.min) return;
    const farewell = chooseVictim(ready.map(candidate));
    const slot = active.find(({ index }) => index === farewell?.slot);
    if (slot === undefined || farewell === undefined) return;
    cheaping.cheap(slot, why, farewell.handTo);
  }

  /** What an algorithm says of every cycle is for the curious; that memory holds back workers is said once until one is added. */
  #say({ change, why, about }: Decision): void {
    const { logger, config } = this.#options;
    const held = about === 'memory' && change === 0;
    if (held && !this.#held && why !== undefined)
      logger.warn(why, { event: 'cheaper-held', reason: why });
    if (held || change > 0) this.#held = held;
    if (about === 'cycle' && config.cheaperBusynessVerbose && why !== undefined)
      logger.info(why, { event: 'cheaper-cycle' });
  }

  #refuse(asked: number, { active }: LoadFacts): void {
    const { min, max } = this.#settings;
    const what = asked > 0 ? 'no worker is added' : 'no worker is removed';
    const { logger } = this.#options;
    logger.info(`${what}: ${active} run, between ${min} and ${max} may`, {
      event: 'command-ignored',
    });
  }
}

function candidate({ index, worker }: Slot): Candidate {
  const row = worker?.board?.row;
  return {
    slot: index,
    inFlight: row?.get('IN_FLIGHT') ?? 0,
    connections: row?.get('CONNECTIONS') ?? 0,
    readyAt: worker?.readyAt ?? 0,
  };
}
