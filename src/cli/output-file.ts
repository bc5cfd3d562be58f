/** `--logto` and `--logto2`: the file that standard output and standard error become. */
import { resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { OptionError } from '../errors.js';
import { sendOutputTo } from '../startup/log-file.js';
import { daemonFile } from './daemonize.js';
import { systemReason } from '../util/system-reason.js';

export class OutputFile {
  readonly #config: Config;
  readonly #early: string | undefined;
  readonly #late: string | undefined;
  readonly #daemon: string | undefined;

  /** Relative paths are those of the directory the server was started in. */
  constructor(config: Config, directory: string) {
    const absolute = (path: string | undefined) =>
      path === undefined ? undefined : resolve(directory, path);
    this.#config = config;
    this.#early = absolute(config.logto);
    this.#late = absolute(config.logto2);
    this.#daemon = absolute(daemonFile(config));
  }

  /** Where the log is in the end; undefined: where the server was started. */
  get file(): string | undefined {
    return this.#late ?? this.#early ?? this.#daemon;
  }

  /** As whoever started the server. Throws a ConfigError. */
  openEarly(): void {
    this.#open(this.#early, 'logto');
  }

  /** As the user that the server runs as. Throws a ConfigError. */
  openLate(): void {
    this.#open(this.#late, 'logto2');
  }

  #open(path: string | undefined, option: string): void {
    if (path === undefined) return;
    try {
      sendOutputTo(path, { ...this.#config, truncate: this.#config.logTruncate });
    } catch (error) {
      throw new OptionError(option, path, systemReason(error));
    }
  }
}
