/** What a start does with sockets, under a master and without one: find, bind, give away, tell. */
import { bindQueues } from '../binding/bind-queues.js';
import { socketsOf, type BoundQueues } from '../binding/bound-queues.js';
import type { KeptListener } from '../binding/kept-sockets.js';
import { queueLimitWarning } from '../binding/listen-queue.js';
import type { NativeAddon } from '../binding/native.js';
import { openFilesLimit, pageSize, processesLimit } from '../binding/process-limits.js';
import { socketAccess } from '../binding/socket-access.js';
import type { RemovedFile } from '../binding/unix-socket-file.js';
import type { Config } from '../config/config.js';
import { listenAddresses } from '../config/listen-addresses.js';
import { protocolOf, readActivation, type InheritedSocket } from '../config/socket-activation.js';
import type { Logger } from '../log/logger.js';
import { logStartFacts } from '../log/startup-facts.js';
import type { StartHooks } from '../util/start-hooks.js';
import { readVersion } from '../util/version.js';

/** How the server is run. */
export interface StartMode {
  readonly master: boolean;
  readonly processes: number;
}

/**
 * Binds every address of the configuration and takes inherited sockets, logs the start, and runs the hook for "bound".
 * Throws ListenError where an address cannot be bound; nothing stays open then. `inherited`: those that are left, where
 * somebody else took some; `kept`: those of a running server whose place this one takes.
 */
export async function openSockets(
  config: Config,
  mode: StartMode,
  hooks: StartHooks,
  logger: Logger,
  addon: NativeAddon,
  inherited = takeInheritedSockets(logger),
  kept: readonly KeptListener[] = [],
): Promise<BoundQueues> {
  const bound = await bindQueues(
    {
      addresses: listenAddresses(config),
      slots: mode.processes,
      loopsPerSlot: config.threads,
      backlog: config.listen,
      access: socketAccess(config, addon),
      inherited: inherited.map((socket) => ({
        fd: socket.fd,
        protocol: protocolOf(socket, config.protocol),
      })),
      kept,
      unclaimed: 'listen',
    },
    addon,
  );
  const sockets = underVacuum(config, bound, logger);
  try {
    logStart(logger, config, mode, bound);
    hooks.bound();
    return sockets;
  } catch (error) {
    bound.removeFiles();
    bound.close();
    throw error;
  }
}

/** The variables are for this process alone: a child that found them would take its own descriptors for sockets. */
export function takeInheritedSockets(logger: Logger): readonly InheritedSocket[] {
  const { sockets, remark } = readActivation(process.env, process.pid);
  if (remark !== '') logger.warn(`inherited sockets are not used${remark}`);
  delete process.env['LISTEN_PID'];
  delete process.env['LISTEN_FDS'];
  delete process.env['LISTEN_FDNAMES'];
  return sockets;
}

function logStart(logger: Logger, config: Config, mode: StartMode, bound: BoundQueues): void {
  logStartFacts(logger, {
    version: readVersion(),
    limits: { openFiles: openFilesLimit(), processes: processesLimit(), page: pageSize() },
    ...mode,
    threads: config.threads,
    backlog: config.listen,
    mercySeconds: config.workerReloadMercy,
    sockets: bound.listeners.map((listener, index) => ({
      ...listener,
      fds: socketsOf(bound, index),
    })),
  });
  const warning = queueLimitWarning(config.listen);
  if (warning !== undefined) logger.warn(warning);
}

/** The same queues, whose files are removed as `--vacuum` says. */
export function underVacuum(config: Config, bound: BoundQueues, logger: Logger): BoundQueues {
  return config.vacuum ? withVacuum(bound, logger) : withoutVacuum(bound);
}

function withoutVacuum(bound: BoundQueues): BoundQueues {
  return { ...forwarded(bound), removeFiles: () => [], close: () => bound.close() };
}

/** `--vacuum`: a file that nobody listens on is removed before its socket closes. */
function withVacuum(bound: BoundQueues, logger: Logger): BoundQueues {
  const removeFiles = (): readonly RemovedFile[] => {
    const removed = bound.removeFiles();
    for (const file of removed) logRemoval(logger, file);
    return removed;
  };
  const close = (): void => {
    removeFiles();
    bound.close();
  };
  return { ...forwarded(bound), removeFiles, close };
}

function forwarded(bound: BoundQueues): Omit<BoundQueues, 'removeFiles' | 'close'> {
  const { queues, listeners } = bound;
  return {
    queues,
    listeners,
    leaveFiles: () => bound.leaveFiles(),
    claimFiles: () => bound.claimFiles(),
  };
}

function logRemoval(logger: Logger, file: RemovedFile): void {
  const { path } = file;
  switch (file.outcome) {
    case 'removed':
      logger.fact(`VACUUM: unix socket ${path} removed.`, { socket: path });
      return;
    case 'replaced':
      logger.warn(`VACUUM: unix socket ${path} stays: it belongs to another server by now`);
      return;
    case 'failed':
      logger.warn(`VACUUM: unix socket ${path} stays: ${file.code}`, { reason: file.code });
      return;
    case 'gone':
      return;
  }
}
