/**
 * `--master-fifo`: named pipes that obey one letter at a time. Several may be given; only the active one is heard, and a
 * digit makes another one active, so that a caller can shut the others out.
 */
import { accessSync, constants, lstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import type { NativeAddon } from '../../binding/native.js';
import { OptionError } from '../../errors.js';
import { systemReason } from '../../util/system-reason.js';
import type { Logger } from '../../log/logger.js';
import { commandOfLetter, type MasterCommand } from './master-commands.js';

/** Only who runs the server may give it orders. */
const MODE = 0o600;

export interface FifoOrders {
  readonly command: (command: MasterCommand, reason: string) => void;
  readonly logger: Logger;
  readonly addon: Pick<NativeAddon, 'makeFifo'>;
}

interface Pipe {
  /** As it was given. */
  readonly text: string;
  readonly path: string;
}

export class MasterFifo {
  readonly #pipes: readonly Pipe[];
  readonly #orders: FifoOrders;
  #stream: Socket | undefined;
  #active = 0;

  /** Relative paths are those of `directory`. */
  constructor(paths: readonly string[], directory: string, orders: FifoOrders) {
    this.#pipes = paths.map((text) => ({ text, path: resolve(directory, text) }));
    this.#orders = orders;
  }

  /** Throws a ConfigError. */
  make(): void {
    for (const pipe of this.#pipes) makeFifo(pipe, this.#orders.addon);
  }

  /** Hears the first one. Throws where it cannot be opened. */
  open(): void {
    if (this.#pipes.length > 0) this.#listen(0);
  }

  /** The same where it is too late to refuse the start: what is wrong is logged. */
  takeOver(): void {
    if (this.#pipes.length > 0) this.#switchTo(0);
  }

  /** The files stay, as uWSGI's do: a successor uses them. */
  close(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }

  /** A pipe without a writer is no end of input: it is opened for writing too. */
  #listen(active: number): void {
    const path = this.#pathOf(active);
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.close();
    this.#active = active;
    const stream = new Socket({ fd, readable: true, writable: false });
    stream.on('data', (letters) => this.#obey(letters.toString('latin1')));
    stream.on('error', (error) => this.#failed(path, error));
    this.#stream = stream;
    this.#orders.logger.info(`listening for commands at ${path}`, { event: 'fifo-open', path });
  }

  #obey(letters: string): void {
    for (const letter of letters) {
      if (letter >= '0' && letter <= '9') this.#switchTo(Number(letter));
      else if (letter.trim() !== '') this.#command(letter);
    }
  }

  #command(letter: string): void {
    const { command, logger } = this.#orders;
    const path = this.#pathOf(this.#active);
    const known = commandOfLetter(letter);
    if (known !== undefined) command(known, `'${letter}' from ${path}`);
    else
      logger.warn(`${JSON.stringify(letter)} from ${path}: no such command`, {
        event: 'command-unknown',
        path,
      });
  }

  #switchTo(number: number): void {
    const { logger } = this.#orders;
    if (this.#pipes[number] === undefined) {
      logger.warn(`there is no master fifo ${number}`, { event: 'command-unknown' });
      return;
    }
    try {
      this.#listen(number);
    } catch (error) {
      this.#failed(this.#pathOf(number), error);
    }
  }

  #pathOf(number: number): string {
    return this.#pipes[number]?.path ?? '';
  }

  #failed(path: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#orders.logger.error(`no command is heard from ${path}: ${reason}`, { reason, path });
  }
}

/** An old pipe is kept: whoever has it open goes on. Throws a ConfigError, also where it could not be opened. */
function makeFifo({ text, path }: Pipe, addon: Pick<NativeAddon, 'makeFifo'>): void {
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined) addon.makeFifo(path, MODE);
    else if (!there.isFIFO())
      throw new OptionError('master-fifo', text, 'there is a file that is no pipe');
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    if (error instanceof OptionError) throw error;
    throw new OptionError('master-fifo', text, systemReason(error));
  }
}
