/** `--touch-reload` and its relatives: looks at files once a second, as uWSGI does. */
import { statSync } from 'node:fs';
import type { Logger } from '../../log/logger.js';

const LOOK_MS = 1000;

export interface TouchRule {
  readonly files: readonly string[];
  readonly touched: (file: string) => void;
}

interface Watched {
  readonly file: string;
  readonly touched: (file: string) => void;
  /** undefined: there is no such file. */
  stamp: string | undefined;
}

export class TouchWatch {
  readonly #watched: Watched[];
  #timer: NodeJS.Timeout | undefined;

  /** Files are looked at for the first time here. */
  constructor(rules: readonly TouchRule[], logger: Logger) {
    this.#watched = rules.flatMap(({ files, touched }) =>
      files.map((file) => ({ file, touched, stamp: stampOf(file) })),
    );
    for (const { file, stamp } of this.#watched) {
      if (stamp === undefined)
        logger.fact(
          `unable to stat() ${file}, events will be triggered as soon as the file is created`,
        );
    }
  }

  start(): void {
    if (this.#watched.length > 0) this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    for (const watched of this.#watched) {
      const stamp = stampOf(watched.file);
      if (stamp === watched.stamp) continue;
      watched.stamp = stamp;
      watched.touched(watched.file);
    }
  }
}

/** Changes with the modification time, and when the file is replaced by another. A file out of reach is none. */
function stampOf(file: string): string | undefined {
  try {
    const { mtimeNs, ino } = statSync(file, { bigint: true });
    return `${mtimeNs} ${ino}`;
  } catch {
    return undefined;
  }
}
