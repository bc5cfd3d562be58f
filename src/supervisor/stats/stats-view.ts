/** The statistics in the forms in which they are asked for, gathered at every question. */
import type { Config } from '../../config/config.js';
import { collectStats, type StatsSources } from './collect-stats.js';
import { serverMetrics } from './server-metrics.js';
import { serverState, type Phased } from './server-state.js';
import { formatStats, statsDocument } from './stats-document.js';
import type { StatsSource } from './stats-endpoints.js';
import type { ServerState, ServerStats } from './stats-facts.js';

export interface StatsViewOptions extends Omit<
  StatsSources,
  'state' | 'daemons' | 'crons' | 'busyness' | 'config'
> {
  readonly config: Config;
  readonly server: Phased;
  /** What changes by itself. */
  readonly daemons: () => ServerStats['daemons'];
  readonly crons: () => ServerStats['crons'];
  readonly busyness: () => ServerStats['busyness'];
}

export class StatsView implements StatsSource {
  readonly #options: StatsViewOptions;

  constructor(options: StatsViewOptions) {
    this.#options = options;
  }

  document(): string {
    const { statsNoCores, statsMinified } = this.#options.config;
    return formatStats(statsDocument(this.#collect(), !statsNoCores), statsMinified);
  }

  metrics(): string {
    return serverMetrics(this.#collect());
  }

  state(): ServerState {
    return serverState(this.#options);
  }

  #collect(): ServerStats {
    const { daemons, crons, busyness, ...sources } = this.#options;
    return collectStats({
      ...sources,
      daemons: daemons(),
      crons: crons(),
      busyness: busyness(),
      state: this.state(),
    });
  }
}
