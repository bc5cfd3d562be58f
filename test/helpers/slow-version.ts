import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_PRESENT } from './supervised-apps.js';
import { tempFiles } from './temp-dir.js';
import { waitUntil } from './wait-until.js';

const OLD = `export const application = (environ, startResponse) => {
  startResponse('200 OK', []);
  return 'old';
};
`;
/** Tells that it is loaded, and goes on when it may. */
const NEW = `import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { filePresent } from ${FILE_PRESENT};
const at = (name) => new URL(name, import.meta.url);
writeFileSync(at('loading'), '');
await filePresent(fileURLToPath(at('allowed')));
${OLD.replace('old', 'new')}`;

/** An application that answers `old`; its next version, which answers `new`, loads for as long as the test wants. */
export class SlowVersion {
  readonly #directory = tempFiles({ 'app.mjs': OLD });

  get path(): string {
    return this.#at('app.mjs');
  }

  /** Whoever loads the application from now on gets the new one. */
  deploy(): void {
    writeFileSync(this.path, NEW);
  }

  async loading(): Promise<void> {
    await waitUntil('the new version', () => existsSync(this.#at('loading')), 30_000);
  }

  allow(): void {
    writeFileSync(this.#at('allowed'), '');
  }

  #at(name: string): string {
    return join(this.#directory, name);
  }
}
