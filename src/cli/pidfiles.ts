/** `--pidfile` and `--safe-pidfile`: written when their moment has come, removed at the end with `--vacuum`. */
import { closeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/config.js';
import type { Logger } from '../log/logger.js';
import type { Inheritance } from '../startup/inheritance.js';
import type { KeptPidfile, OperatedPidfiles } from '../startup/origin.js';
import { Pidfile, removePidfile } from './pidfile.js';

type PidfileOptions = Pick<
  Config,
  'pidfile' | 'pidfile2' | 'safePidfile' | 'safePidfile2' | 'vacuum'
>;

/** What a running server left to the one that takes its place. */
type Left = Pick<Inheritance, 'pid' | 'pidfiles'>;

export class Pidfiles implements OperatedPidfiles {
  readonly #vacuum: boolean;
  readonly #logger: Logger;
  readonly #early: Pidfile | undefined;
  readonly #second: Pidfile | undefined;
  readonly #safe: readonly Pidfile[];
  #left: Left | undefined;
  /** They are the next server's by now. */
  #handedOver = false;

  /** Relative paths are those of the directory the server was started in, also after `--chdir`. */
  constructor(options: PidfileOptions, logger: Logger, directory: string, left?: Left) {
    const make = (option: string, given: string | undefined): Pidfile | undefined => {
      if (given === undefined) return undefined;
      const path = resolve(directory, given);
      const kept = left?.pidfiles.find((file) => file.path === path && file.option === option);
      return new Pidfile(option, path, logger, kept?.fd);
    };
    this.#vacuum = options.vacuum;
    this.#logger = logger;
    this.#left = left;
    this.#early = make('pidfile', options.pidfile);
    this.#second = make('pidfile2', options.pidfile2);
    this.#safe = [
      make('safe-pidfile', options.safePidfile),
      make('safe-pidfile2', options.safePidfile2),
    ].filter((file) => file !== undefined);
  }

  /** Throws a ConfigError. */
  writeEarly(): void {
    this.#early?.write();
  }

  /** When privileges are dropped. Throws a ConfigError. */
  writeSecond(): void {
    this.#second?.write();
  }

  /** The server runs by now, so a failure is only logged. */
  writeSafe(): void {
    for (const file of this.#safe) file.tryToWrite();
  }

  writeAll(): void {
    for (const file of this.#all()) file.tryToWrite();
    this.#forget();
  }

  get open(): readonly KeptPidfile[] {
    return this.#all().flatMap(({ option, path, fd }) =>
      fd === undefined ? [] : [{ option, path, fd }],
    );
  }

  handOver(): void {
    this.#handedOver = true;
  }

  /** Removes them with `--vacuum`. After a hand-over the next server may write one between a look at it and its removal. */
  close(): void {
    for (const file of this.#all()) {
      if (this.#vacuum && !this.#handedOver) removePidfile(file.path, process.pid, this.#logger);
      file.close();
    }
  }

  #all(): readonly Pidfile[] {
    return [this.#early, this.#second, ...this.#safe].filter((file) => file !== undefined);
  }

  /** Files of the server before this one that are not configured any more. */
  #forget(): void {
    const { pid, pidfiles } = this.#left ?? { pid: 0, pidfiles: [] };
    this.#left = undefined;
    const own = this.#all();
    for (const { option, path, fd } of pidfiles) {
      const again = own.filter((file) => file.path === path);
      if (!again.some((file) => file.option === option)) closeSync(fd);
      if (again.length === 0 && this.#vacuum) removePidfile(path, pid, this.#logger);
    }
  }
}
