/** Where lines of the log can go: one class a kind of `--logger`. Nothing of it waits for a reader or throws once it is open. */
import { closeSync, existsSync, fstatSync, renameSync } from 'node:fs';
import type { NativeAddon } from '../../binding/native.js';
import { LineSink, type DropNotice, type DropState } from '../../log/line-sink.js';
import { openLogFile } from '../../startup/log-file.js';

export type OutputAddon = Pick<NativeAddon, 'openOutput' | 'connectDatagram' | 'makeFifo'>;

export interface LogFileFailure {
  readonly file: string;
  /** What could not be done with it. */
  readonly step: 'opened anew' | 'renamed';
  readonly reason: string;
}

export function failureOf(
  file: string,
  step: LogFileFailure['step'],
  error: unknown,
): LogFileFailure {
  return { file, step, reason: error instanceof Error ? error.message : String(error) };
}

export interface LogTarget {
  /** As the option names it, for records and statistics. */
  readonly name: string;
  readonly state: DropState;
  /** Whole lines, each with its newline. */
  write(lines: string): void;
  /** Opens a file anew, as after its rotation by somebody else; why that failed, in which case it goes on with the old one. */
  reopen(): LogFileFailure | undefined;
  /** Renames a file that is larger than its own limit or, without one, `maxBytes`, and begins a new one. */
  rotateAbove(maxBytes: number): LogFileFailure | undefined;
  /** The same for every file that holds anything. */
  rotate(): LogFileFailure | undefined;
  close(): void;
}

export interface RotationOptions {
  readonly mode: number | undefined;
  /** Name of the renamed file; without it the time is added. */
  readonly backupName: string | undefined;
  /** The file's own limit; Infinity: none, whatever holds for others. */
  readonly maxBytes?: number | undefined;
}

/** The name that a log file gets when it makes room for a new one. */
function backupNameOf(path: string, backupName: string | undefined): string {
  return backupName ?? `${path}.${Math.floor(Date.now() / 1000)}`;
}

/** false where there is nothing to rename; throws what the system says. */
export function rotateFile(path: string, backupName: string | undefined): boolean {
  try {
    renameSync(path, backupNameOf(path, backupName));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync(path)) return false;
    throw error;
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

  reopen(): LogFileFailure | undefined {
    try {
      const fd = openLogFile(this.#path, this.#options.mode, false);
      this.#sink.redirect(this.#addon.openOutput(fd));
      closeSync(this.#fd);
      this.#fd = fd;
      return undefined;
    } catch (error) {
      return failureOf(this.#path, 'opened anew', error);
    }
  }

  rotateAbove(maxBytes: number): LogFileFailure | undefined {
    return this.#rotateAbove(this.#options.maxBytes ?? maxBytes);
  }

  rotate(): LogFileFailure | undefined {
    return this.#rotateAbove(0);
  }

  #rotateAbove(limit: number): LogFileFailure | undefined {
    const { size } = fstatSync(this.#fd);
    try {
      if (size <= limit || !rotateFile(this.#path, this.#options.backupName)) return undefined;
    } catch (error) {
      return failureOf(this.#path, 'renamed', error);
    }
    return this.reopen();
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

  reopen(): undefined {
    // It is not ours to open.
  }

  rotateAbove(): undefined {
    // As above.
  }

  rotate(): undefined {
    // As above.
  }

  close(): void {
    this.#sink.flush();
  }
}
