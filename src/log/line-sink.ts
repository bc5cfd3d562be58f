import { writeSync } from 'node:fs';

/** Total patience with a reader that does not read, per line. A log must not stop the process that writes it. */
const STALL_LIMIT_MS = 20;
const STALL_STEP_MS = 1;

const sleepCell = new Int32Array(new SharedArrayBuffer(4));

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

/**
 * Writes whole lines to a descriptor at once, in order, and never throws.
 *
 * The descriptor is often a pipe or terminal shared with other processes, any of which may have made it
 * non-blocking: then a full pipe answers EAGAIN. A line waits a few milliseconds for the reader; after that it is
 * dropped and counted, and the next line that gets through is preceded by the count. A full disk (ENOSPC) or a
 * reader that is gone (EPIPE) are treated the same way.
 */
export class LineSink {
  readonly #fd: number;
  #dropped = 0;
  /** The reader has the beginning of a line that was dropped. */
  #torn = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** false when the line was dropped. */
  write(line: string): boolean {
    const bytes = Buffer.from(this.#notice() + line);
    const written = this.#writeSome(bytes);
    if (written === bytes.length) {
      this.#dropped = 0;
      this.#torn = false;
      return true;
    }
    this.#dropped += 1;
    this.#torn ||= written > 0;
    return false;
  }

  #notice(): string {
    if (this.#dropped === 0) return '';
    return `${this.#torn ? '\n' : ''}${this.#dropped} log lines were dropped here\n`;
  }

  /** Number of bytes the descriptor took before it failed or stalled. */
  #writeSome(bytes: Buffer): number {
    let written = 0;
    let stalledMs = 0;
    while (written < bytes.length) {
      try {
        written += writeSync(this.#fd, bytes, written);
      } catch (error) {
        const code = errorCode(error);
        if (code === 'EINTR') continue;
        if (code !== 'EAGAIN' || stalledMs >= STALL_LIMIT_MS) break;
        Atomics.wait(sleepCell, 0, 0, STALL_STEP_MS);
        stalledMs += STALL_STEP_MS;
      }
    }
    return written;
  }
}
