import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { lookup } from 'mrmime';

/** Content types by the extension of a file's name. */
export class ContentTypes {
  readonly #own = new Map<string, string>();

  /** `files`: in the form of /etc/mime.types. Returns what could not be read. */
  constructor(files: readonly string[], unreadable: (file: string) => void) {
    for (const file of files) this.#read(file, unreadable);
  }

  /** undefined for an extension that nobody knows. */
  of(path: string): string | undefined {
    const extension = extname(path).slice(1).toLowerCase();
    if (extension === '') return undefined;
    return this.#own.get(extension) ?? lookup(extension);
  }

  #read(file: string, unreadable: (file: string) => void): void {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      unreadable(file);
      return;
    }
    for (const line of text.split('\n')) {
      const [type = '', ...extensions] = line.replace(/#.*/, '').trim().split(/\s+/);
      for (const extension of extensions) this.#own.set(extension.toLowerCase(), type);
    }
  }
}
