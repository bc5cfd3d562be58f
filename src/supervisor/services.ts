/** What the master does beside keeping workers: looks after them, watches files, answers who asks, runs daemons. */
import { dirname, resolve } from 'node:path';
import type { HandOverChannels } from '../binding/hand-over-channels.js';
import { socketFds, type BoundQueues } from '../binding/bound-queues.js';
import type { NativeAddon } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { cronSettings } from '../config/cron-settings.js';
import type { ApplicationDesk } from './application-desk.js';
import { AttachedDaemons } from './attached-daemons.js';
import { Crons } from './crons.js';
import type { LogKeeper } from './logging/log-keeper.js';
import type { Master } from './master.js';
import { MemoryLook } from './recycling/memory-look.js';
import type { MasterCommand } from './commands/master-commands.js';
import type { RouterGroup } from './routers/router-group.js';
import { workersOf } from './workers/slot.js';
import { SourceWatch } from './reload/source-watch.js';
import type { Phased } from './stats/server-state.js';
import type { StatsServer } from './stats/stats-server.js';
import { StatsView } from './stats/stats-view.js';
import { TouchWatch } from './reload/touch-watch.js';
import { TreeWatch } from './reload/tree-watch.js';
import { Watch } from './workers/watch.js';
import { WorkerCount } from './adaptive/worker-count.js';
import { tellOtherRequests, workerDropSources } from './logging/worker-log.js';

/** What attached daemons and cron's commands have to end. */
const DAEMON_MERCY_MS = 10_000;

export interface ServicesOptions {
  readonly config: Config;
  readonly master: Master;
  readonly routers?: Pick<RouterGroup, 'tell' | 'slots'> | undefined;
  /** Master, or routers and master, as one. */
  readonly server: Phased;
  readonly queues: BoundQueues;
  /** For connections that workers give to each other. */
  readonly channels: HandOverChannels | undefined;
  /** What applications share and ask for; none where there are no applications. */
  readonly applications: Pick<ApplicationDesk, 'shared'> | undefined;
  readonly log: LogKeeper;
  readonly stats: StatsServer | undefined;
  readonly addon: Pick<NativeAddon, 'QueueWatch' | 'listenBacklog'>;
  /** Ends the server gracefully. */
  readonly stop: (reason: string) => void;
  /** Where commands are given; `reason` says why. */
  readonly command: (command: MasterCommand, reason: string) => void;
}

export class Services {
  readonly #options: ServicesOptions;
  readonly #watch: Watch;
  readonly #memory: MemoryLook;
  readonly #touches: TouchWatch;
  readonly #sources: SourceWatch | undefined;
  readonly #trees: readonly TreeWatch[];
  readonly #daemons: AttachedDaemons;
  readonly #crons: Crons;
  /** How many workers there are, and whether there are any. */
  readonly workerCount: WorkerCount;

  constructor(options: ServicesOptions) {
    const { config, master, log } = options;
    this.#options = options;
    this.#daemons = new AttachedDaemons(config.attachDaemon, log.logger);
    this.#crons = new Crons(cronSettings(config), log.logger);
    this.#memory = new MemoryLook(() => master.slots.flatMap(workersOf));
    this.#watch = new Watch(config, {
      workers: () => master.slots.flatMap(workersOf),
      recycle: (worker, reason) => master.recycle(worker, reason),
      blocked: (worker, blockedMs) => master.blocked(worker, blockedMs),
    });
    const fds = socketFds(options.queues.queues);
    const channels = options.channels?.receivers ?? [];
    this.workerCount = new WorkerCount({ ...options, fds, channels, logger: log.logger });
    this.#touches = new TouchWatch(this.#touchRules(), log.logger);
    this.#sources =
      config.pyAutoreload > 0
        ? new SourceWatch(sourceDirectory(config), (file) =>
            options.command('reload', `${file} has been modified`),
          )
        : undefined;
    this.#trees = this.#treeWatches();
  }

  #treeWatches(): TreeWatch[] {
    const { config, log, command } = this.#options;
    const changed = (order: MasterCommand) => (what: string) => command(order, `changed: ${what}`);
    return [
      new TreeWatch(config.fsReload, changed('reload'), log.logger),
      new TreeWatch(config.fsBrutalReload, changed('reload-now'), log.logger),
    ];
  }

  start(): void {
    const { config, master, routers, log, stats } = this.#options;
    log.start((file) => {
      master.tellWorkers({ type: 'reopen-log', file });
      routers?.tell({ type: 'reopen-log', file });
    });
    log.watch(() => {
      tellOtherRequests(master.slots);
      return workerDropSources(master.slots);
    });
    stats?.answerWith(this.#statsView());
    this.#watch.start();
    this.#memory.start();
    this.workerCount.start();
    this.#touches.start();
    this.#sources?.start(config.pyAutoreload);
    for (const tree of this.#trees) tree.start();
  }

  /** Two servers do not have their daemons at the same time. */
  startDaemons(): void {
    this.#daemons.start();
    this.#crons.start();
  }

  /** Resolves when they are gone; they may be started again then. */
  async endDaemons(): Promise<void> {
    await Promise.all([this.#daemons.stop(DAEMON_MERCY_MS), this.#crons.stop(DAEMON_MERCY_MS)]);
  }

  /** What only one server can have goes to the next one, daemons aside: addresses of statistics, the eyes on files. */
  letGo(): void {
    this.workerCount.stop();
    this.#touches.stop();
    this.#sources?.stop();
    for (const tree of this.#trees) tree.stop();
    this.#options.stats?.leave();
  }

  pids(): readonly number[] {
    return [...this.#daemons.pids(), ...this.#crons.pids()];
  }

  async stop(): Promise<void> {
    this.#watch.stop();
    this.#memory.stop();
    this.#options.stats?.close();
    this.letGo();
    await this.endDaemons();
    this.#options.log.stop();
  }

  #touchRules() {
    const { config, log, command } = this.#options;
    const touched = (order: MasterCommand) => (file: string) =>
      command(order, `*** ${file} has been touched... grace them all !!! ***`);
    return [
      { files: config.touchReload, touched: touched('reload') },
      { files: config.touchWorkersReload, touched: touched('reload-workers') },
      { files: config.touchChainReload, touched: touched('chain-reload') },
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

  #statsView(): StatsView {
    const { config, master, routers, queues, server, log, addon, applications } = this.#options;
    return new StatsView({
      config,
      server,
      queues,
      slots: master.slots,
      routers: routers?.slots ?? [],
      daemons: () => this.#daemons.facts(),
      crons: () => this.#crons.facts(),
      busyness: () => this.workerCount.busyness,
      memory: applications?.shared,
      events: log.events,
      log,
      addon,
    });
  }
}

/** Where the application's file is, else where the server runs. */
function sourceDirectory({ module, wsgiFile }: Config): string {
  const file = module === undefined ? wsgiFile : undefined;
  return file === undefined ? process.cwd() : dirname(resolve(file));
}
