/** One pidfile, open as long as the server runs: by its descriptor it can be written again without the right to open it. */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { OptionError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import { systemReason } from '../util/system-reason.js';

export class Pidfile {
  readonly option: string;
  readonly path: string;
  readonly #logger: Logger;
  #fd: number | undefined;

  /** `fd`: the file as the server has it open whose place this one takes. */
  constructor(option: string, path: string, logger: Logger, fd: number | undefined) {
    this.option = option;
    this.path = path;
    this.#logger = logger;
    this.#fd = fd;
  }

  /** Undefined as long as it was not written. */
  get fd(): number | undefined {
    return this.#fd;
  }

  /** Throws a ConfigError: whoever asks for the file relies on it. */
  write(): void {
    try {
      this.#write();
    } catch (error) {
      throw new OptionError(this.option, this.path, systemReason(error));
    }
  }

  /** The same in a server that runs: a failure is only logged. */
  tryToWrite(): void {
    try {
      this.#write();
    } catch (error) {
      const reason = systemReason(error);
      this.#logger.error(`--${this.option} ${this.path} cannot be written: ${reason}`);
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #write(): void {
    this.#logger.fact(`writing pidfile to ${this.path}`);
    const text = `${process.pid}\n`;
    const fd = this.#open();
    // Pipes and terminals have no positions.
    const isFile = fstatSync(fd).isFile();
    writeSync(fd, text, isFile ? 0 : null);
    if (isFile) ftruncateSync(fd, text.length);
  }

  /** Anew where somebody put another file in its place, or none. */
  #open(): number {
    if (this.#fd !== undefined && isOpenAs(this.#fd, this.path)) return this.#fd;
    const fd = openSync(this.path, 'w');
    this.close();
    this.#fd = fd;
    return fd;
  }
}

/** `--vacuum`. A file that does not hold `pid` stays: another server may have started since. */
export function removePidfile(path: string, pid: number, logger: Logger): void {
  try {
    if (Number(readFileSync(path, 'utf8')) !== pid) return;
    rmSync(path);
    logger.fact(`VACUUM: pidfile ${path} removed.`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    logger.warn(`VACUUM: pidfile ${path} stays: ${systemReason(error)}`);
  }
}

function isOpenAs(fd: number, path: string): boolean {
  try {
    const [open, found] = [fstatSync(fd, { bigint: true }), statSync(path, { bigint: true })];
    return open.ino === found.ino && open.dev === found.dev;
  } catch (error) {
    // Out of reach since privileges were dropped, it may well be there.
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}
