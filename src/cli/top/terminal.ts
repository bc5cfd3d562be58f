/** A terminal that `top` has for itself, and gives back as it was. */
import type { ReadStream, WriteStream } from 'node:tty';

const ESCAPE = '\u001B';
const ENTER = `${ESCAPE}[?1049h${ESCAPE}[?25l`;
const LEAVE = `${ESCAPE}[?25h${ESCAPE}[?1049l`;
const HOME = `${ESCAPE}[H`;
const CLEAR_LINE = `${ESCAPE}[K`;
/** Of a terminal that does not know its size. */
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;
const CLEAR_BELOW = `${ESCAPE}[J`;

export interface TerminalEvents {
  readonly key: (key: string) => void;
  readonly resized: () => void;
}

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #onKeys: (text: string) => void;
  readonly #onResize: () => void;

  constructor(input: ReadStream, output: WriteStream, events: TerminalEvents) {
    this.#input = input;
    this.#output = output;
    this.#onKeys = (text) => {
      for (const key of text) events.key(key);
    };
    this.#onResize = events.resized;
  }

  get columns(): number {
    return this.#output.columns || USUAL_COLUMNS;
  }

  get rows(): number {
    return this.#output.rows || USUAL_ROWS;
  }

  enter(): void {
    this.#output.write(ENTER);
    if (this.#input.isTTY) this.#input.setRawMode(true);
    this.#input.setEncoding('utf8').on('data', this.#onKeys);
    this.#output.on('resize', this.#onResize);
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => line + CLEAR_LINE).join('\r\n');
    this.#output.write(HOME + text + CLEAR_BELOW);
  }

  leave(): void {
    this.#output.off('resize', this.#onResize);
    this.#input.off('data', this.#onKeys).pause();
    if (this.#input.isTTY) this.#input.setRawMode(false);
    this.#output.write(LEAVE);
  }
}
