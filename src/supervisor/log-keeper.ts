/** The master's log: where its own lines and those of the workers go, and what happens to the files behind it. */
import { statSync } from 'node:fs';
import type { NativeAddon } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { loggerFor } from '../log/config-logger.js';
import type { Logger } from '../log/logger.js';
import { sendOutputTo } from '../startup/log-file.js';
import { LogRelay, needsRelay } from './log-relay.js';
import { rotateFile } from './log-target.js';

const SIZE_LOOK_MS = 1000;

export class LogKeeper {
  readonly logger: Logger;
  /** The loggers, where there are any. */
  readonly relay: LogRelay | undefined;
  readonly #config: Config;
  readonly #file: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tellWorkers: (file: string) => void = () => undefined;

  /** `file`: where standard error goes, if that is a file of ours. Throws a ConfigError for a logger that cannot be opened. */
  constructor(
    config: Config,
    file: string | undefined,
    addon: Pick<NativeAddon, 'connectDatagram'>,
  ) {
    this.#config = config;
    this.#file = file;
    this.relay = needsRelay(config) ? new LogRelay(config, addon, process.cwd()) : undefined;
    const { relay } = this;
    this.logger = loggerFor(
      config,
      relay === undefined ? undefined : (line) => relay.general(line),
    );
  }

  /** `tellWorkers`: they write to the file by themselves and have to open it anew. */
  start(tellWorkers: (file: string) => void): void {
    this.#tellWorkers = tellWorkers;
    if (this.#config.logMaxsize > 0)
      this.#timer = setInterval(() => this.#rotateLarge(), SIZE_LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.relay?.close();
  }

  reopen(reason: string): void {
    this.logger.info(`${reason}: opening log files anew`, { event: 'log-reopen', reason });
    this.relay?.reopen();
    this.#reopenFile();
  }

  rotate(reason: string): void {
    this.logger.info(`${reason}: beginning new log files`, { event: 'log-rotate', reason });
    this.relay?.rotate(0);
    this.#rotateFile(0);
  }

  #rotateLarge(): void {
    const { logMaxsize } = this.#config;
    this.relay?.rotate(logMaxsize);
    this.#rotateFile(logMaxsize);
  }

  #rotateFile(maxBytes: number): void {
    const file = this.#file;
    if (file === undefined) return;
    if (sizeOf(file) > maxBytes && rotateFile(file, this.#config.logBackupname)) this.#reopenFile();
  }

  #reopenFile(): void {
    if (this.#file === undefined) return;
    try {
      sendOutputTo(this.#file, { ...this.#config, truncate: false });
      this.#tellWorkers(this.#file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.error(`log file ${this.#file} cannot be opened anew: ${reason}`, { reason });
    }
  }
}

/** 0 for a file that is not there, or out of reach since the privileges were dropped. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
