import type { ChildProcess } from 'node:child_process';
import {
  dispatchMessage,
  type Handlers,
  type MasterMessage,
  type WorkerMessage,
} from './messages.js';

/** One end of the channel between the master and a worker. */
export interface Channel<Out> {
  /**
   * Queues a message and says whether the channel was open. Delivery is not confirmed: a peer that is gone is
   * noticed by its exit (master) or by `closed` (worker), not by a failed send.
   */
  send(message: Out): boolean;
  /** Closes this end; nothing is delivered afterwards. Idempotent. */
  close(): void;
}

/** What both a child process and the own process offer; Node types them apart. */
interface IpcEndpoint {
  readonly connected: boolean;
  send?(message: unknown, sendHandle: undefined, options: undefined, callback: () => void): boolean;
  disconnect(): void;
  on(event: 'message', listener: (value: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

function openChannel<Out, In extends { readonly type: string }>(
  endpoint: IpcEndpoint,
  handlers: Handlers<In>,
  closed: () => void,
): Channel<Out> {
  let closing = false;
  endpoint.on('message', (value) => {
    if (!closing) dispatchMessage<In>(value, handlers);
  });
  endpoint.on('disconnect', closed);
  return {
    send(message) {
      if (closing || !endpoint.connected || endpoint.send === undefined) return false;
      // With a callback a failed write is reported there instead of as an 'error' event without a listener.
      endpoint.send(message, undefined, undefined, () => undefined);
      return true;
    },
    close() {
      closing = true;
      // Node 20 throws when a message handler disconnects while it hands out messages that had to wait.
      process.nextTick(() => {
        if (endpoint.connected) endpoint.disconnect();
      });
    },
  };
}

/** The master's end. `closed` runs when the worker closed its end, mostly because it is gone. */
export function channelToWorker(
  child: ChildProcess,
  handlers: Handlers<WorkerMessage>,
  closed: () => void,
): Channel<MasterMessage> {
  return openChannel<MasterMessage, WorkerMessage>(child, handlers, closed);
}

/**
 * The worker's end. `closed` runs when the master is gone: see the rules at the top of messages.ts.
 * Throws when the process was started without a channel.
 */
export function channelToMaster(
  handlers: Handlers<MasterMessage>,
  closed: () => void,
): Channel<WorkerMessage> {
  if (process.send === undefined) {
    throw new Error('this process was not started by a master: it has no IPC channel');
  }
  return openChannel<WorkerMessage, MasterMessage>(process, handlers, closed);
}
