import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../../helpers/temp-dir.js';

interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

const REPORTER = fileURLToPath(new URL('../../../scripts/lib/mocha-reporter.cjs', import.meta.url));
const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

/** Runs one test file by itself, without this run's own hooks. */
function runMocha(text: string): { status: number | null; result: Result } {
  const directory = tempDir();
  const [test, output] = [join(directory, 'it.test.cjs'), join(directory, 'result.json')];
  writeFileSync(test, text);
  const options = `suite=inner,output=${output},settle=200`;
  const { status } = spawnSync(
    process.execPath,
    [MOCHA, '--no-config', '--reporter', REPORTER, '--reporter-option', options, test],
    { cwd: directory, stdio: 'ignore', timeout: 20_000 },
  );
  return { status, result: JSON.parse(readFileSync(output, 'utf8')) as Result };
}

describe('the reporter of all test runs', () => {
  it('leaves the counts of a run that ends by itself', () => {
    const { status, result } = runMocha("it('is', () => {}); it('is not', () => { throw 1; });");
    assert.equal(status, 1);
    assert.deepEqual([result.passed, result.failed], [1, 1]);
    assert.deepEqual(result.failures, ['is not']);
  });

  it('ends a run that something keeps alive, says what, and counts it as failed', () => {
    const { result } = runMocha("it('is', () => { setInterval(() => {}, 10); });");
    assert.deepEqual([result.passed, result.failed], [1, 1]);
    assert.deepEqual(result.failures, ['the run did not end by itself: Timeout']);
  });
});
