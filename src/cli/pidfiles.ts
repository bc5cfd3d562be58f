/** `--pidfile` and `--safe-pidfile`: written when their moment has come, removed at the end with `--vacuum`. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { ConfigError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import { systemReason } from './system-reason.js';

type PidfileOptions = Pick<Config, 'pidfile' | 'safePidfile' | 'vacuum'>;

export class Pidfiles {
  readonly #vacuum: boolean;
  readonly #logger: Logger;
  readonly #early: string | undefined;
  readonly #safe: string | undefined;

  /** Relative paths are those of the directory the server was started in, also after `--chdir`. */
  constructor(options: PidfileOptions, logger: Logger, directory: string) {
    const absolute = (path: string | undefined) =>
      path === undefined ? undefined : resolve(directory, path);
    this.#vacuum = options.vacuum;
    this.#logger = logger;
    this.#early = absolute(options.pidfile);
    this.#safe = absolute(options.safePidfile);
  }

  /** Throws a ConfigError: whoever asks for the file relies on it. */
  writeEarly(): void {
    if (this.#early === undefined) return;
    try {
      this.#write(this.#early);
    } catch (error) {
      throw new ConfigError([`--pidfile ${this.#early}: ${systemReason(error)}`]);
    }
  }

  /** The server runs by now, so a failure is only logged. */
  writeSafe(): void {
    if (this.#safe === undefined) return;
    try {
      this.#write(this.#safe);
    } catch (error) {
      this.#logger.error(`--safe-pidfile ${this.#safe}: ${systemReason(error)}`);
    }
  }

  remove(): void {
    if (!this.#vacuum) return;
    for (const path of [this.#early, this.#safe]) if (path !== undefined) this.#remove(path);
  }

  #write(path: string): void {
    this.#logger.fact(`writing pidfile to ${path}`);
    writeFileSync(path, `${process.pid}\n`);
  }

  /** Somebody else's file stays: another server may have started since. */
  #remove(path: string): void {
    try {
      if (Number(readFileSync(path, 'utf8')) !== process.pid) return;
      rmSync(path);
      this.#logger.fact(`VACUUM: pidfile ${path} removed.`);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      this.#logger.warn(`VACUUM: pidfile ${path} stays: ${systemReason(error)}`);
    }
  }
}
