import type { ErrorStream } from '../../app/types.js';

/**
 * `wsgi.errors`: whole lines go to the log as they are; the rest waits for its newline, or for
 * `flush`.
 */
export class LogErrorStream implements ErrorStream {
  readonly #line: (line: string) => void;
  #rest = '';

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  write(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {
    if (this.#rest === '') return;
    const rest = this.#rest;
    this.#rest = '';
    this.#line(rest);
  }
}
