// Builds what is missing or stale: `node scripts/build-missing.mjs [--force] [typescript] [native] [prebuilds] [asan] [tsan]`.
// Without names: what is needed to run from a checkout.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exclusively } from './lib/exclusive.mjs';
import { root } from './lib/run.mjs';

const { values, positionals } = parseArgs({
  options: { force: { type: 'boolean', default: false } },
  allowPositionals: true,
});

async function main() {
  if (!existsSync(join(root, 'node_modules', 'typescript'))) {
    return 'the dependencies are not installed: run `npm ci` first';
  }
  const { buildNames, ensureBuilt } = await import('./lib/builds.mjs');
  const names = positionals.length > 0 ? positionals : ['typescript', 'native'];
  const unknown = names.filter((name) => !buildNames.includes(name));
  if (unknown.length > 0) return `${unknown.join(', ')}? Known are ${buildNames.join(', ')}.`;
  await exclusively(root, async () => {
    for (const name of names) await ensureBuilt(name, values);
  });
  return undefined;
}

const problem = await main().catch((error) => error.message);
if (problem) {
  process.stderr.write(`build-missing: ${problem}\n`);
  process.exitCode = 1;
}
