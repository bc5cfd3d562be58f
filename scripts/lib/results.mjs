import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} SuiteResult
 * @property {string} suite
 * @property {number} passed
 * @property {number} failed
 * @property {number} [milliseconds] how long it took, where that was measured
 * @property {string[]} failures titles of what failed
 * @property {string[]} skipped titles of what was skipped
 */

/** Where suites leave their results, one JSON file each: what TEST_RESULTS names, else a directory of this run alone. */
export const resultsDirectory = process.env.TEST_RESULTS ?? ownDirectory();

function ownDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'tsuwsgi-results-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function resultPath(suite) {
  mkdirSync(resultsDirectory, { recursive: true });
  return join(resultsDirectory, `${suite.replace(/[^\w.-]+/g, '-')}.json`);
}

/** @param {Partial<SuiteResult> & { suite: string }} result */
export function writeResult(result) {
  const whole = { passed: 0, failed: 0, failures: [], skipped: [], ...result };
  writeFileSync(resultPath(result.suite), `${JSON.stringify(whole)}\n`);
}

/**
 * Counts are written before the process that made them has ended. A run that ends badly without a failure that explains it
 * (a crash at exit, a sanitizer's verdict), and one in which nothing ran, failed as well.
 *
 * @param {Partial<SuiteResult> & { suite: string }} result
 * @param {number} status what the run ended with
 */
export function withItsEnd(result, status) {
  const { passed = 0, failed = 0, failures = [], skipped = [] } = result;
  const nothing = passed + failed + skipped.length === 0;
  if (!nothing && (status === 0 || failed > 0)) return result;
  const end = `the run ended with status ${status}${nothing ? ', and no test ran' : ''}`;
  return { ...result, failed: failed + 1, failures: [...failures, end] };
}

/** @returns {SuiteResult[]} */
export function readResults() {
  mkdirSync(resultsDirectory, { recursive: true });
  return readdirSync(resultsDirectory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(resultsDirectory, name), 'utf8')));
}

/** A table of all suites, then what failed and what was skipped, by name. */
export function describeResults(results) {
  const width = Math.max(...results.map(({ suite }) => suite.length), 5);
  const rows = results.map(
    ({ suite, passed, failed, skipped, milliseconds }) =>
      `  ${suite.padEnd(width)}  ${String(passed).padStart(6)} ok  ${String(failed).padStart(4)} failing  ${String(skipped.length).padStart(4)} skipped${seconds(milliseconds)}`,
  );
  const named = (word, key) =>
    results.flatMap((result) => result[key].map((title) => `  ${word} ${result.suite}: ${title}`));
  return [...rows, ...named('skipped', 'skipped'), ...named('FAILED', 'failures')].join('\n');
}

function seconds(milliseconds) {
  return milliseconds === undefined ? '' : `  ${(milliseconds / 1000).toFixed(0).padStart(5)} s`;
}
