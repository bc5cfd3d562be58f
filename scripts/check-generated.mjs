// Fails where a generated file differs from what the sources give now. The fresh text stays in place, ready to be committed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listFiles } from './lib/fingerprint.mjs';
import { writeResult } from './lib/results.mjs';
import { root, runOrThrow } from './lib/run.mjs';

const require = createRequire(import.meta.url);
const snapshot = () =>
  new Map(
    listFiles(join(root, 'docs')).map((file) => [relative(root, file), readFileSync(file, 'utf8')]),
  );

const before = snapshot();
await runOrThrow(process.execPath, [
  '--import',
  pathToFileURL(require.resolve('tsx')).href,
  join(root, 'scripts/gen-docs.ts'),
]);
const after = snapshot();

const stale = [...after].filter(([file, text]) => before.get(file) !== text).map(([file]) => file);
for (const file of stale)
  process.stderr.write(`${file} was not what \`npm run gen\` writes; it is now\n`);
writeResult({
  suite: 'generated',
  passed: stale.length === 0 ? 1 : 0,
  failed: stale.length,
  failures: stale.map((file) => `${file} is stale`),
});
process.exitCode = stale.length === 0 ? 0 : 1;
