/** `--pidfile` and `--safe-pidfile`: written when their moment has come, removed at the end with `--vacuum`. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { OptionError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import { systemReason } from '../util/system-reason.js';

type PidfileOptions = Pick<
  Config,
  'pidfile' | 'pidfile2' | 'safePidfile' | 'safePidfile2' | 'vacuum'
>;

export class Pidfiles {
  readonly #vacuum: boolean;
  readonly #logger: Logger;
  readonly #early: string | undefined;
  readonly #second: string | undefined;
  readonly #safe: readonly string[];

  /** Relative paths are those of the directory the server was started in, also after `--chdir`. */
  constructor(options: PidfileOptions, logger: Logger, directory: string) {
    const absolute = (path: string | undefined) =>
      path === undefined ? undefined : resolve(directory, path);
    this.#vacuum = options.vacuum;
    this.#logger = logger;
    this.#early = absolute(options.pidfile);
    this.#second = absolute(options.pidfile2);
    this.#safe = [options.safePidfile, options.safePidfile2].flatMap(
      (path) => absolute(path) ?? [],
    );
  }

  /** Throws a ConfigError: whoever asks for the file relies on it. */
  writeEarly(): void {
    this.#writeOrFail(this.#early, 'pidfile');
  }

  /** When privileges are dropped. Throws a ConfigError. */
  writeSecond(): void {
    this.#writeOrFail(this.#second, 'pidfile2');
  }

  /** The server runs by now, so a failure is only logged. */
  writeSafe(): void {
    for (const path of this.#safe) this.#tryToWrite('safe-pidfile', path);
  }

  #tryToWrite(option: string, path: string): void {
    try {
      this.#write(path);
    } catch (error) {
      this.#logger.error(`--${option} ${path} cannot be written: ${systemReason(error)}`);
    }
  }

  /** All of them, in a server that runs: a failure is only logged. */
  writeAll(): void {
    if (this.#early !== undefined) this.#tryToWrite('pidfile', this.#early);
    if (this.#second !== undefined) this.#tryToWrite('pidfile2', this.#second);
    this.writeSafe();
  }

  remove(): void {
    if (!this.#vacuum) return;
    for (const path of [this.#early, this.#second, ...this.#safe])
      if (path !== undefined) this.#remove(path);
  }

  #writeOrFail(path: string | undefined, option: string): void {
    if (path === undefined) return;
    try {
      this.#write(path);
    } catch (error) {
      throw new OptionError(option, path, systemReason(error));
    }
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
