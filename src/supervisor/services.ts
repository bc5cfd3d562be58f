/** What the master does beside keeping workers: looks after them, watches files, answers who asks, runs daemons. */
import { dirname, resolve } from 'node:path';
import type { BoundQueues } from '../binding/listeners.js';
import type { Config } from '../config/config.js';
import { AttachedDaemons } from './attached-daemons.js';
import { collectStats } from './collect-stats.js';
import type { LogKeeper } from './log-keeper.js';
import type { Master } from './master.js';
import type { RouterGroup } from './router-group.js';
import { workersOf } from './slot.js';
import { SourceWatch } from './source-watch.js';
import { formatStats, statsDocument } from './stats-document.js';
import type { StatsServer } from './stats-server.js';
import { TouchWatch } from './touch-watch.js';
import { needsWatch, Watch } from './watch.js';

/** What attached daemons have to end. */
const DAEMON_MERCY_MS = 10_000;

export interface ServicesOptions {
  readonly config: Config;
  readonly master: Master;
  readonly routers?: Pick<RouterGroup, 'tell'> | undefined;
  readonly queues: BoundQueues;
  readonly log: LogKeeper;
  readonly stats: StatsServer | undefined;
}

/** Whether anybody reads the scoreboard. */
export function needsScoreboard(config: Config): boolean {
  return config.stats !== undefined || needsWatch(config);
}

export class Services {
  readonly #options: ServicesOptions;
  readonly #watch: Watch | undefined;
  readonly #touches: TouchWatch;
  readonly #sources: SourceWatch | undefined;
  readonly #daemons: AttachedDaemons;

  constructor(options: ServicesOptions) {
    const { config, master, log } = options;
    this.#options = options;
    this.#daemons = new AttachedDaemons(config.attachDaemon, log.logger);
    this.#watch = needsWatch(config)
      ? new Watch(config, {
          workers: () => master.slots.flatMap(workersOf),
          recycle: (worker, reason) => master.recycle(worker, reason),
          harakiri: (worker, facts) => master.harakiri(worker, facts),
        })
      : undefined;
    this.#touches = new TouchWatch(this.#touchRules(), log.logger);
    this.#sources =
      config.pyAutoreload > 0
        ? new SourceWatch(sourceDirectory(config), (file) =>
            master.reload(`${file} has been modified`),
          )
        : undefined;
  }

  start(): void {
    const { config, master, routers, log, stats } = this.#options;
    log.start((file) => {
      master.tellWorkers({ type: 'reopen-log', file });
      routers?.tell({ type: 'reopen-log', file });
    });
    stats?.answerWith(() => this.#document());
    this.#daemons.start();
    this.#watch?.start();
    this.#touches.start();
    this.#sources?.start(config.pyAutoreload);
  }

  pids(): readonly number[] {
    return this.#daemons.pids();
  }

  async stop(): Promise<void> {
    this.#watch?.stop();
    this.#touches.stop();
    this.#sources?.stop();
    this.#options.stats?.close();
    await this.#daemons.stop(DAEMON_MERCY_MS);
    this.#options.log.stop();
  }

  #touchRules() {
    const { config, master, log } = this.#options;
    const grace = (file: string): void =>
      master.reload(`*** ${file} has been touched... grace them all !!! ***`);
    return [
      { files: config.touchReload, touched: grace },
      {
        files: config.touchLogreopen,
        touched: (file: string): void => log.reopen(`*** ${file} has been touched ***`),
      },
      {
        files: config.touchLogrotate,
        touched: (file: string): void => log.rotate(`*** ${file} has been touched ***`),
      },
    ];
  }

  #document(): string {
    const { config, master, queues } = this.#options;
    const { slots } = master;
    const stats = collectStats({ config, queues, slots, daemons: this.#daemons.facts() });
    return formatStats(statsDocument(stats, !config.statsNoCores), config.statsMinified);
  }
}

/** Where the application's file is, else where the server runs. */
function sourceDirectory({ module, wsgiFile }: Config): string {
  const file = module === undefined ? wsgiFile : undefined;
  return file === undefined ? process.cwd() : dirname(resolve(file));
}
