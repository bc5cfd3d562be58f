/**
 * Writes the generated part of docs/: `npm run gen`. `npm run check:generated` fails where a page is not what
 * this writes.
 */
import { writeFileSync } from 'node:fs';
import { optionsPage } from './lib/options-page.js';
import { refusalsPage } from './lib/refusals-page.js';
import { signalsPage } from './lib/signals-page.js';
import { uwsgiCompatPage } from './lib/uwsgi-compat-page.js';

const PAGES: ReadonlyMap<string, () => string> = new Map([
  ['options.md', optionsPage],
  ['refusals.md', refusalsPage],
  ['signals.md', signalsPage],
  ['uwsgi-compat.md', uwsgiCompatPage],
]);

for (const [file, write] of PAGES) {
  writeFileSync(new URL(`../docs/${file}`, import.meta.url), write());
}
