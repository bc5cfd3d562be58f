import type { HandOverChannels } from '../binding/hand-over-channels.js';
import { keepsNumbers, keptListeners } from '../binding/kept-sockets.js';
import type { NativeAddon } from '../binding/native.js';
import { newInheritance, type Inheritance } from '../startup/inheritance.js';
import type { StartOrigin } from '../startup/origin.js';
import type { ApplicationDesk } from './application-desk.js';
import { CommandDesk, type CommandedServer } from './commands/command-desk.js';
import { Heir } from './reload/heir.js';
import type { LogKeeper } from './logging/log-keeper.js';
import type { MasterCommand } from './commands/master-commands.js';
import { MasterFifo } from './commands/master-fifo.js';
import { OptionsReread, type LiveConfig } from './reload/options-reread.js';
import { Readiness } from './readiness.js';
import type { ServerSockets } from './server-sockets.js';
import type { Services } from './services.js';
import { onSignals } from './commands/signals.js';
import type { StatsServer } from './stats/stats-server.js';
import { SystemdNotify, takeNotifyAddress } from './systemd-notify.js';
import { Upgrade, type HeirSlots } from './reload/upgrade.js';

/** The new master itself needs time besides its workers. */
const UPGRADE_SLACK_MS = 15_000;
const NO_CHANNELS: HandOverChannels = { senders: [], receivers: [] };

export interface OperationsOptions {
  readonly config: LiveConfig;
  readonly origin: StartOrigin;
  readonly log: LogKeeper;
  readonly addon: NativeAddon;
  /** Pidfiles and the like, when everything is ready for the first time. */
  readonly hooksReady: () => void;
}

/** The running server, once it is put together. */
export interface OperatedServer {
  readonly server: CommandedServer & { handOver(reason: string, heir: HeirSlots): void };
  readonly services: Services;
  readonly sockets: ServerSockets;
  readonly channels: HandOverChannels | undefined;
  readonly applications: Pick<ApplicationDesk, 'lend'> | undefined;
  readonly stats: StatsServer | undefined;
  /** Workers (of a router without workers: routers) that answer, and how many there should be. */
  readonly counts: () => { readonly ready: number; readonly wanted: number };
  /** Whether any of them answers and is not stuck. */
  readonly isWell: () => boolean;
}

/**
 * What an operator, a service manager and a next version have to do with the running server: its commands, what it
 * announces, and how it is handed on.
 */
export class Operations {
  readonly readiness = new Readiness();
  /** Set where this server takes the place of a running one. */
  readonly heir: Heir | undefined;
  readonly notify: SystemdNotify;
  readonly #options: OperationsOptions;
  #operated: OperatedServer | undefined;
  #desk: CommandDesk | undefined;
  #fifo: MasterFifo | undefined;
  #upgrade: Upgrade | undefined;
  /** Of an heir: it has what only one master can have. */
  #tookOver = false;
  #reloads = false;
  #failedReload: string | undefined;
  #ignoreSignals: () => void = () => undefined;

  constructor(options: OperationsOptions) {
    const { origin, addon, log } = options;
    const { inheritance } = origin;
    this.#options = options;
    this.heir =
      inheritance === undefined ? undefined : new Heir(() => this.#orphaned(inheritance.pid));
    const address =
      inheritance === undefined
        ? takeNotifyAddress(process.env, process.pid)
        : { socket: inheritance.notifySocket, watchdogUsec: inheritance.watchdogUsec };
    this.notify = new SystemdNotify(address, addon, log.logger);
  }

  /** This server takes the place of a running one. */
  get isHeir(): boolean {
    return this.heir !== undefined;
  }

  /** From now on commands are heard. Throws a ConfigError where a pipe cannot be made. */
  start(operated: OperatedServer): void {
    const { config, origin, log, addon } = this.#options;
    const { logger } = log;
    this.#operated = operated;
    this.#upgrade = this.#newUpgrade(operated);
    this.#desk = this.#newDesk(operated, this.#upgrade);
    this.#fifo = new MasterFifo(config.masterFifo, origin.directory, {
      command: (command, reason) => this.command(command, reason),
      logger,
      addon,
    });
    this.#ignoreSignals = onSignals((row) => this.#desk?.onSignal(row));
    // Of an heir too: the old one still serves, so that a pipe that cannot be made fails the upgrade alone.
    this.#fifo.make();
    if (this.isHeir) return;
    this.#fifo.open();
    operated.services.startDaemons();
  }

  /** `reason`: who gave the command, for the log. */
  command(command: MasterCommand, reason: string): void {
    this.#desk?.give(command, reason);
  }

  /** Everything is ready for the first time. */
  readonly allReady = (): void => {
    if (this.heir === undefined) this.#announce();
    else void this.#takeOver(this.heir);
  };

  reloading(): void {
    this.#reloads = true;
    this.notify.reloading(this.#status());
  }

  reloaded(failure: string | undefined): void {
    this.#reloads = false;
    this.#failedReload = failure;
    this.notify.ready(this.#status());
  }

  /** To be called when nothing is to be heard any more. */
  stop(): void {
    this.#fifo?.close();
    this.notify.close();
    this.#ignoreSignals();
  }

  async #takeOver(heir: Heir): Promise<void> {
    const { sockets, services } = this.#operated ?? {};
    if (this.#stops()) return;
    heir.announce(this.#takers());
    await heir.takenOver;
    sockets?.queues.claimFiles();
    sockets?.clients?.claimFiles();
    // Whoever stopped the old master may have stopped this one too: then nothing begins anew.
    if (this.#stops()) return;
    this.#tookOver = true;
    this.#fifo?.takeOver();
    services?.startDaemons();
    this.#announce();
  }

  #orphaned(oldPid: number): void {
    if (this.#stops()) return;
    this.#options.log.logger.warn(
      `the old master (pid: ${oldPid}) is gone and has not handed over: this one takes its place as soon as everything is ready`,
      { event: 'old-master-gone', oldPid },
    );
  }

  /** Now, or in a moment. */
  #stops(): boolean {
    return this.readiness.stopping !== undefined || this.#operated?.server.stopping === true;
  }

  /** Where addresses are gone that stood before others, connections say wrongly through which one they came. */
  #takers(): HeirSlots {
    const { sockets, channels, counts } = this.#operated ?? {};
    const { workers: left = [], routers: leftOfRouters = [] } =
      this.#options.origin.inheritance ?? {};
    const { queues, clients, routers } = sockets ?? {};
    const workers = channels === undefined ? 0 : Math.max(1, counts?.().ready ?? 1);
    return {
      workers: queues !== undefined && keepsNumbers(left, queues) ? workers : 0,
      routers:
        clients !== undefined && keepsNumbers(leftOfRouters, clients)
          ? (routers?.slots.length ?? 0)
          : 0,
    };
  }

  #announce(): void {
    this.readiness.start();
    this.#options.hooksReady();
    this.notify.ready(this.#status());
    this.notify.watch(() => this.#operated?.isWell() ?? false);
    this.notify.follow(() => (this.readiness.ready ? this.#status() : undefined));
  }

  #status(): string {
    const { ready, wanted } = this.#operated?.counts() ?? { ready: 0, wanted: 0 };
    const workers = `${this.#reloads ? 'reloading, ' : ''}${ready} of ${wanted} worker(s) ready`;
    const failure = this.#failedReload;
    return failure === undefined ? workers : `${workers}; the last reload failed: ${failure}`;
  }

  #newDesk({ server, services }: OperatedServer, upgrade: Upgrade): CommandDesk {
    const { config, origin, log } = this.#options;
    const reread = new OptionsReread(config, origin, log.logger);
    return new CommandDesk({
      config,
      server,
      log,
      readiness: this.readiness,
      stopAnnounced: (reason) => this.#stopAnnounced(reason),
      stopHeir: (now) => upgrade.abort(now ? 'SIGQUIT' : 'SIGTERM'),
      rereadOptions: () => this.#rereadOptions(reread),
      writePidfiles: () => origin.pidfiles.writeAll(),
      upgrade: (reason) => this.#startUpgrade(upgrade, reason),
      countWorkers: (command, reason) => services.workerCount.perform(command, reason),
    });
  }

  #stopAnnounced(reason: string): void {
    if (!this.#tookOver) this.heir?.withdraw();
    this.notify.stopping(reason);
  }

  /** Right options take back what was said of wrong ones; where a reload follows, its end says the rest. */
  #rereadOptions(reread: OptionsReread): boolean {
    const wrong = reread.run();
    this.#failedReload = wrong;
    return wrong === undefined;
  }

  #startUpgrade(upgrade: Upgrade, reason: string): void {
    if (process.pid === 1) this.#refuseUpgrade(reason);
    else if (!this.isHeir || this.#tookOver) upgrade.start(reason);
    else {
      // The old master might go on after all, beside the next one.
      this.#options.log.logger.info(`${reason}: ignored, this server has not taken over yet`, {
        event: 'command-ignored',
        reason,
      });
    }
  }

  /** When process 1 ends, everything in its container does: it cannot leave its place to another. */
  #refuseUpgrade(reason: string): void {
    const why = 'process 1 cannot leave its place: start a new container, or use an init';
    this.#options.log.logger.error(`${reason}: upgrade refused, ${why}`, {
      event: 'upgrade-failed',
      reason: why,
    });
  }

  #newUpgrade(operated: OperatedServer): Upgrade {
    const { config, origin, log } = this.#options;
    return new Upgrade({
      origin,
      logger: log.logger,
      inheritance: () => this.#inheritance(operated),
      limitMs: () => (config.bootTimeout === 0 ? 0 : config.bootTimeout * 1000 + UPGRADE_SLACK_MS),
      endDaemons: () => operated.services.endDaemons(),
      startDaemons: () => {
        if (!operated.server.stopping) operated.services.startDaemons();
      },
      letGo: (heirPid) => this.#letGo(operated, heirPid),
      handOver: (reason, slots) => operated.server.handOver(reason, slots),
    });
  }

  #letGo({ services, sockets }: OperatedServer, heirPid: number): void {
    this.#fifo?.close();
    sockets.queues.leaveFiles();
    sockets.clients?.leaveFiles();
    this.#options.origin.pidfiles.handOver();
    services.letGo();
    this.notify.mainPid(heirPid);
    this.notify.close();
  }

  #inheritance({ sockets, channels, applications, stats }: OperatedServer): Inheritance {
    const { socket, watchdogUsec } = this.notify.address;
    return newInheritance(
      {
        workers: keptListeners(sockets.queues),
        routers: sockets.clients === undefined ? [] : keptListeners(sockets.clients),
        workerChannels: channels ?? NO_CHANNELS,
        routerChannels: sockets.routers?.channels ?? NO_CHANNELS,
        applicationMemory: applications?.lend(),
        stats: stats?.sockets ?? [],
        pidfiles: this.#options.origin.pidfiles.open,
        notifySocket: socket,
        watchdogUsec,
      },
      process.pid,
    );
  }
}
