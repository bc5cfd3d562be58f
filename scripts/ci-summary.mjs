// Adds up what the steps of .ci/run counted.
//   node scripts/ci-summary.mjs --close STEP-DIRECTORY STATUS   completes a step that counted nothing itself
//   node scripts/ci-summary.mjs DIRECTORY                       the table, the failures and the closing line
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeResults } from './lib/results.mjs';

function readStep(directory) {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));
}

/** A step without counts is one check; one that failed without a failure to show is a failure of its own. */
function closeStep(directory, status) {
  const results = readStep(directory);
  const failed = results.some((result) => result.failed > 0);
  const counted = results.length > 0;
  if (counted && (status === 0 || failed)) return;
  const result = {
    suite: 'step',
    passed: status === 0 ? 1 : 0,
    failed: status === 0 ? 0 : 1,
    failures: status === 0 ? [] : [`ended with status ${status}`],
    skipped: [],
  };
  writeFileSync(join(directory, 'step.json'), `${JSON.stringify(result)}\n`);
}

/** All programs are installed here, so what was skipped was not tested: it counts as failed. */
function skipsAreFailures(result) {
  const failures = [...result.failures, ...result.skipped.map((title) => `skipped: ${title}`)];
  return { ...result, failures, failed: result.failed + result.skipped.length, skipped: [] };
}

function summarise(directory) {
  const results = readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, 'output.txt')))
    .flatMap((step) =>
      readStep(join(directory, step)).map((result) => ({
        ...result,
        suite: `${basename(step)}/${result.suite}`,
      })),
    )
    .map(skipsAreFailures);
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const passed = sum('passed');
  const failed = sum('failed');
  process.stdout.write(`${describeResults(results)}\n\n${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

const [first, second, third] = process.argv.slice(2);
if (first === '--close') closeStep(second, Number(third));
else process.exitCode = summarise(first);
