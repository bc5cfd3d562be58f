// Builds what is missing or stale, then runs the suites named (all without names):
// `node scripts/test.mjs [unit] [native] [addon] [integration] [operations] [peers] [package] [--grep WORDS and other arguments of mocha]`.
import { join } from 'node:path';
import { describeResults, readResults } from './lib/results.mjs';
import { root, run } from './lib/run.mjs';
import { suites } from './lib/suites.mjs';

const arguments_ = process.argv.slice(2);
const firstFlag = arguments_.findIndex((word) => word.startsWith('-'));
const named = firstFlag < 0 ? arguments_ : arguments_.slice(0, firstFlag);
const forMocha = arguments_.slice(named.length).filter((word) => word !== '--');

async function main() {
  const names = named.length > 0 ? named : Object.keys(suites);
  const unknown = names.filter((name) => !(name in suites));
  if (unknown.length > 0)
    throw new Error(`no suite ${unknown.join(', ')}; known are ${Object.keys(suites).join(', ')}`);

  const needs = [...new Set(names.flatMap((name) => suites[name].needs))];
  if (needs.length > 0) {
    const status = await run(process.execPath, [join(root, 'scripts/build-missing.mjs'), ...needs]);
    if (status !== 0) throw new Error('not everything could be built; the tests did not run');
  }
  for (const name of names) {
    process.stdout.write(`\n== ${name}\n`);
    await suites[name].run(name, { args: forMocha });
  }
  const results = readResults();
  process.stdout.write(`\n${describeResults(results)}\n`);
  return results.some(({ failed }) => failed > 0) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`test: ${error.message}\n`);
  process.exitCode = 1;
}
