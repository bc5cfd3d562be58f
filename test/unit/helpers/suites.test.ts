import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../helpers/temp-dir.js';

const SUITES = new URL('../../../scripts/lib/suites.mjs', import.meta.url).href;

interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

/** Runs one test file as a suite of its own, without this run's hooks. */
function runSuite(text: string, ...further: readonly string[]): Result {
  const directory = tempDir();
  const test = join(directory, 'it.test.cjs');
  writeFileSync(test, text);
  const options = JSON.stringify({ files: [], args: ['--no-config', ...further, test] });
  const script = `import { mochaSuite } from ${JSON.stringify(SUITES)}; await mochaSuite('inner', ${options});`;
  spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TEST_RESULTS: directory },
    stdio: 'ignore',
    timeout: 20_000,
  });
  return JSON.parse(readFileSync(join(directory, 'inner.json'), 'utf8')) as Result;
}

describe('a suite', () => {
  it('passes where its tests pass and its process ends well', () => {
    const { passed, failed } = runSuite("it('is', () => {});");
    assert.deepEqual([passed, failed], [1, 0]);
  });

  it('has failed where its process dies after the last test', () => {
    const text = "it('is', () => {}); process.on('exit', () => process.abort());";
    const { passed, failed, failures } = runSuite(text);
    assert.deepEqual([passed, failed], [1, 1]);
    assert.deepEqual(failures, ['the run ended with status 134']);
  });

  it('has failed where its process dies before it counted', () => {
    const { failures } = runSuite("it('is', () => process.abort());");
    assert.deepEqual(failures, ['the run ended with status 134, and no test ran']);
  });

  it('has failed where no test ran', () => {
    const { failed, failures } = runSuite("it('is', () => {});", '--grep', 'is not');
    assert.equal(failed, 1);
    assert.deepEqual(failures, ['the run ended with status 0, and no test ran']);
  });

  it('counts a test that failed once', () => {
    const { failures } = runSuite("it('is not', () => { throw 1; });");
    assert.deepEqual(failures, ['is not']);
  });
});
