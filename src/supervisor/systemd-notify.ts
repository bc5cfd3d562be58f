/**
 * What a service manager is told with `Type=notify`, as sd_notify(3) has it: datagrams to the socket that NOTIFY_SOCKET
 * names. Where it names none, nothing is said.
 */
import { closeSync, writeSync } from 'node:fs';
import type { NativeAddon } from '../binding/native.js';
import type { Logger } from '../log/logger.js';
import { monotonicMs } from '../ipc/scoreboard.js';

export interface NotifyAddress {
  readonly socket: string | undefined;
  /** Microseconds within which the manager wants a sign of life; undefined: it wants none. */
  readonly watchdogUsec: string | undefined;
}

/** Takes the variables out of the environment: workers and what they start have nothing to say. */
export function takeNotifyAddress(env: NodeJS.ProcessEnv, pid: number): NotifyAddress {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: meant } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'])
    Reflect.deleteProperty(env, name);
  const mine = meant === undefined || Number(meant) === pid;
  return { socket, watchdogUsec: mine ? usec : undefined };
}

/** Milliseconds between two signs of life: half of what the manager waits; undefined where it does not. */
function watchdogPeriodMs(usec: string | undefined): number | undefined {
  const micros = Number(usec);
  return usec === undefined || !Number.isFinite(micros) || micros <= 0 ? undefined : micros / 2000;
}

const STATUS_MS = 1000;

type NotifyAddon = Pick<NativeAddon, 'connectDatagram'>;

export class SystemdNotify {
  readonly address: NotifyAddress;
  readonly #addon: NotifyAddon;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #follower: NodeJS.Timeout | undefined;
  /** The last status. */
  #said: string | undefined;
  #failed = false;

  constructor(address: NotifyAddress, addon: NotifyAddon, logger: Logger) {
    this.address = address;
    this.#addon = addon;
    this.#logger = logger;
  }

  ready(status: string): void {
    this.#send({ READY: '1', STATUS: status });
  }

  /** To be followed by `ready`, also where the reload fails. */
  reloading(status: string): void {
    const micros = Math.floor(monotonicMs() * 1000);
    this.#send({ RELOADING: '1', MONOTONIC_USEC: String(micros), STATUS: status });
  }

  stopping(status: string): void {
    this.#send({ STOPPING: '1', STATUS: status });
  }

  /** Says `status` again whenever it has changed; undefined: there is nothing to say. */
  follow(status: () => string | undefined): void {
    if (this.address.socket === undefined) return;
    this.#follower = setInterval(() => {
      const text = status();
      if (text !== undefined && text !== this.#said) this.#send({ STATUS: text });
    }, STATUS_MS);
  }

  /** Another process is the service from now on. Only the one that was it may say so. */
  mainPid(pid: number): void {
    this.#send({ MAINPID: String(pid) });
  }

  /** Signs of life, as long as `isWell`: where nothing is answered any more the manager is to step in. */
  watch(isWell: () => boolean): void {
    const period = watchdogPeriodMs(this.address.watchdogUsec);
    if (period === undefined || this.address.socket === undefined) return;
    this.#timer = setInterval(() => {
      if (isWell()) this.#send({ WATCHDOG: '1' });
    }, period);
  }

  close(): void {
    clearInterval(this.#timer);
    clearInterval(this.#follower);
  }

  #send(fields: Readonly<Record<string, string>>): void {
    const { socket } = this.address;
    if (socket === undefined) return;
    this.#said = fields['STATUS'] ?? this.#said;
    const lines = Object.entries(fields).map(([name, value]) => `${name}=${oneLine(value)}\n`);
    try {
      const fd = this.#addon.connectDatagram(socket);
      try {
        writeSync(fd, lines.join(''));
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Once: the manager's silence is no reason to fill the log. */
  #complain(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#logger.warn(`the service manager cannot be told anything (NOTIFY_SOCKET): ${reason}`, {
      event: 'notify-failed',
      reason,
    });
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
