/** Where lines of the log can go: one class a kind of `--logger`. Nothing of it waits for a reader or throws once it is open. */
import { closeSync, fstatSync, renameSync } from 'node:fs';
import type { NativeAddon } from '../binding/native.js';
import { LineSink, type DropNotice, type DropState } from '../log/line-sink.js';
import { openLogFile } from '../startup/log-file.js';

export type OutputAddon = Pick<NativeAddon, 'openOutput' | 'connectDatagram' | 'makeFifo'>;

export interface LogTarget {
  /** As the option names it, for records and statistics. */
  readonly name: string;
  readonly state: DropState;
  /** Whole lines, each with its newline. */
  write(lines: string): void;
  /** Opens a file anew, as after its rotation by somebody else. */
  reopen(): void;
  /** Renames a file that is larger than `maxBytes` (0: in any case) and begins a new one. */
  rotate(maxBytes: number): void;
  close(): void;
}

export interface RotationOptions {
  readonly mode: number | undefined;
  /** Name of the renamed file; without it the time is added. */
  readonly backupName: string | undefined;
  readonly maxBytes?: number | undefined;
}

/** The name that a log file gets when it makes room for a new one. */
export function backupNameOf(path: string, backupName: string | undefined): string {
  return backupName ?? `${path}.${Math.floor(Date.now() / 1000)}`;
}

/** false where there is nothing to rename. */
export function rotateFile(path: string, backupName: string | undefined): boolean {
  try {
    renameSync(path, backupNameOf(path, backupName));
    return true;
  } catch {
    return false;
  }
}

export interface FileTargetOptions extends RotationOptions {
  readonly notice: DropNotice | undefined;
}

/** A file, or a named pipe, which is never renamed. */
export class FileTarget implements LogTarget {
  readonly name: string;
  readonly #path: string;
  readonly #addon: OutputAddon;
  readonly #options: FileTargetOptions;
  readonly #sink: LineSink;
  #fd: number;

  /** Throws where the file cannot be opened. */
  constructor(name: string, path: string, addon: OutputAddon, options: FileTargetOptions) {
    this.name = name;
    this.#path = path;
    this.#addon = addon;
    this.#options = options;
    this.#fd = openLogFile(path, options.mode, false);
    this.#sink = new LineSink(addon.openOutput(this.#fd), options.notice);
  }

  get state(): DropState {
    return this.#sink.state;
  }

  write(lines: string): void {
    this.#sink.write(lines);
  }

  reopen(): void {
    try {
      const fd = openLogFile(this.#path, this.#options.mode, false);
      this.#sink.redirect(this.#addon.openOutput(fd));
      closeSync(this.#fd);
      this.#fd = fd;
    } catch (error) {
      this.#sink.write(`log file ${this.#path} cannot be opened anew: ${String(error)}\n`);
    }
  }

  rotate(maxBytes: number): void {
    const limit = this.#options.maxBytes ?? maxBytes;
    const { size } = fstatSync(this.#fd);
    if (size <= limit) return;
    if (rotateFile(this.#path, this.#options.backupName)) this.reopen();
  }

  close(): void {
    this.#sink.close();
    closeSync(this.#fd);
  }
}

/** A descriptor that was there before: `fd:N` and `stdio`. Whoever gave it owns what is behind it. */
export class DescriptorTarget implements LogTarget {
  readonly name: string;
  readonly #sink: LineSink;

  constructor(name: string, fd: number, addon: OutputAddon, notice: DropNotice | undefined) {
    this.name = name;
    this.#sink = new LineSink(addon.openOutput(fd), notice);
  }

  get state(): DropState {
    return this.#sink.state;
  }

  write(lines: string): void {
    this.#sink.write(lines);
  }

  reopen(): void {
    // It is not ours to open.
  }

  rotate(): void {
    // As above.
  }

  close(): void {
    this.#sink.flush();
  }
}
