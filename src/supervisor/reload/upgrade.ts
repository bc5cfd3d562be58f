/**
 * The server's own upgrade, in the old master: the new one is started from what is installed now and inherits every
 * socket. It serves beside the old one as soon as its workers are ready; then the old one lets go of what only one master
 * can have, and its workers finish. Until that moment the old one goes on with everything where the new one fails.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { HandOverChannels } from '../../binding/hand-over-channels.js';
import type { Logger } from '../../log/logger.js';
import { withInheritance, type Inheritance } from '../../startup/inheritance.js';
import type { StartOrigin } from '../../startup/origin.js';
import { LimitTimer } from '../limit-timer.js';

/** How many processes the new master has that go on with connections; 0: they close. */
export interface HeirSlots {
  readonly workers: number;
  readonly routers: number;
}

/** From the new master: everything of it is ready. */
export interface HeirReady extends HeirSlots {
  readonly type: 'tsuwsgi-heir-ready';
}

/** From the old one: go ahead. */
export const TAKE_OVER = 'tsuwsgi-take-over';

/** From the new one: somebody stops it, and it takes nothing over. It may go on for a while. */
export const WITHDRAWN = 'tsuwsgi-heir-withdrawn';

const TOLD_TO_STOP = 'it was told to stop';

/** Standard streams and the channel come first. */
const FIRST_INHERITED_FD = 4;

export interface UpgradeOptions {
  readonly origin: StartOrigin;
  readonly logger: Logger;
  /** What the new master gets, with our descriptors. */
  readonly inheritance: () => Inheritance;
  /** The new master must be ready within this time; 0: no limit. */
  readonly limitMs: () => number;
  /** No two masters have their daemons at the same time, and these need a while to end: then the new one may be gone. */
  readonly endDaemons: () => Promise<void>;
  readonly startDaemons: () => void;
  /** Lets go of what only one master can have. */
  readonly letGo: (heirPid: number) => void;
  /** The new master has it all. */
  readonly handOver: (reason: string, heir: HeirSlots) => void;
}

export class Upgrade {
  readonly #options: UpgradeOptions;
  readonly #limit = new LimitTimer();
  #heir: ChildProcess | undefined;
  /** New masters that were told to stop by somebody else, and go on for a while. */
  readonly #leaving = new Set<ChildProcess>();
  #reason = '';
  #aborted = false;
  #withdrawn = false;
  #phase: 'idle' | 'booting' | 'passing' | 'done' = 'idle';

  constructor(options: UpgradeOptions) {
    this.#options = options;
  }

  start(reason: string): void {
    const { logger } = this.#options;
    if (this.#phase !== 'idle') {
      logger.info(`${reason}: ignored, an upgrade is under way`, { event: 'command-ignored' });
      return;
    }
    this.#reason = reason;
    this.#phase = 'booting';
    logger.info(`${reason}: upgrade, starting a new master; this one serves until it is ready`, {
      event: 'upgrading',
      reason,
    });
    try {
      this.#follow(this.#spawn());
    } catch (error) {
      this.#bootFailed(error instanceof Error ? error.message : String(error));
    }
  }

  /** The server stops: nobody takes its place. To be called at every order to stop, with what new masters are told. */
  abort(signal: 'SIGTERM' | 'SIGQUIT'): void {
    if (this.#phase === 'done') return;
    this.#aborted = true;
    // The new one ends in its own time, as this one does.
    this.#limit.clear();
    for (const heir of this.#leaving) heir.kill(signal);
    this.#heir?.kill(signal);
  }

  #spawn(): ChildProcess {
    const { origin, inheritance } = this.#options;
    const fds: number[] = [];
    const place = (fd: number): number => FIRST_INHERITED_FD + fds.push(fd) - 1;
    const env = withInheritance(origin.env, renumbered(inheritance(), place));
    return spawn(process.execPath, [...process.execArgv, ...origin.command], {
      cwd: existsSync(origin.directory) ? origin.directory : '/',
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...fds],
    });
  }

  #follow(heir: ChildProcess): void {
    this.#heir = heir;
    this.#withdrawn = false;
    const { limitMs } = this.#options;
    // Its last message may arrive after its end.
    const boots = (): boolean => this.#heir === heir && this.#phase === 'booting';
    const ended = (reason: string): void => {
      if (boots()) this.#bootFailed(reason);
    };
    heir.once('error', (error) => ended(error.message));
    heir.once('exit', () => ended(endOf(heir)));
    heir.on('message', (message) => {
      if (message === WITHDRAWN) this.#leave(heir);
      else if (boots() && !heir.killed && isReady(message)) void this.#pass(heir, message);
    });
    this.#limit.set(limitMs(), () => {
      this.#options.logger.error(`the new master is not ready after ${limitMs() / 1000} s`, {
        event: 'upgrade-late',
      });
      heir.kill('SIGKILL');
    });
  }

  async #pass(heir: ChildProcess, slots: HeirSlots): Promise<void> {
    this.#limit.clear();
    this.#phase = 'passing';
    const { logger, endDaemons, startDaemons } = this.#options;
    const { pid = 0 } = heir;
    logger.info(`upgrade: the new master (pid: ${pid}) is ready and takes over`, {
      event: 'upgraded',
      heirPid: pid,
    });
    await endDaemons();
    if (isAlive(heir) && !this.#withdrawn) this.#handOver(heir, pid, slots);
    else {
      this.#failed('did not take over', this.#withdrawn ? TOLD_TO_STOP : endOf(heir));
      startDaemons();
    }
  }

  #handOver(heir: ChildProcess, pid: number, slots: HeirSlots): void {
    const { letGo, handOver } = this.#options;
    this.#phase = 'done';
    letGo(pid);
    heir.send(TAKE_OVER, undefined, undefined, () => release(heir));
    handOver(`${this.#reason}: upgrade to pid ${pid}`, slots);
  }

  /** One that is told to stop by this master is still waited for. */
  #leave(heir: ChildProcess): void {
    if (this.#heir !== heir || heir.killed || this.#phase === 'done') return;
    this.#withdrawn = true;
    this.#leaving.add(heir);
    heir.once('exit', () => this.#leaving.delete(heir));
    if (this.#phase === 'booting') this.#bootFailed(TOLD_TO_STOP);
    release(heir);
  }

  #bootFailed(reason: string): void {
    this.#limit.clear();
    this.#failed('did not become ready', reason);
  }

  #failed(what: string, reason: string): void {
    const { logger } = this.#options;
    this.#phase = 'idle';
    if (this.#aborted) {
      // It may still finish requests, and hears the next order too.
      logger.info('upgrade given up: the server stops', { event: 'upgrade-given-up' });
      return;
    }
    this.#heir = undefined;
    logger.error(
      `upgrade failed: the new master ${what}: ${reason}; this one goes on with everything`,
      { event: 'upgrade-failed', reason },
    );
  }
}

/** This process may end before it. */
function release(heir: ChildProcess): void {
  if (heir.connected) heir.disconnect();
  heir.unref();
}

/** One that was told to end counts as gone. */
function isAlive({ exitCode, signalCode, killed }: ChildProcess): boolean {
  return exitCode === null && signalCode === null && !killed;
}

function endOf({ exitCode, signalCode }: ChildProcess): string {
  return `it ended with ${signalCode ?? `exit code ${exitCode}`}`;
}

function isReady(message: unknown): message is HeirReady {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'tsuwsgi-heir-ready'
  );
}

/** `place` gives a descriptor its number in the new master. */
function renumbered(left: Inheritance, place: (fd: number) => number): Inheritance {
  const listeners = (kept: Inheritance['workers']): Inheritance['workers'] =>
    kept.map((listener) => ({ ...listener, fds: listener.fds.map(place) }));
  const channels = ({ senders, receivers }: HandOverChannels): HandOverChannels => ({
    senders: senders.map(place),
    receivers: receivers.map(place),
  });
  return {
    ...left,
    workers: listeners(left.workers),
    routers: listeners(left.routers),
    workerChannels: channels(left.workerChannels),
    routerChannels: channels(left.routerChannels),
    applicationMemory: left.applicationMemory && {
      ...left.applicationMemory,
      fd: place(left.applicationMemory.fd),
    },
    stats: left.stats.map(({ text, fd }) => ({ text, fd: place(fd) })),
    pidfiles: left.pidfiles.map((file) => ({ ...file, fd: place(file.fd) })),
  };
}
