import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { listFiles } from './fingerprint.mjs';
import { exclusively } from './exclusive.mjs';
import { nodeGypEnvironment } from './node-gyp.mjs';
import { resultPath, withItsEnd, writeResult } from './results.mjs';
import { root, run, runCaptured } from './run.mjs';

const require = createRequire(import.meta.url);

/** What each suite needs built before it runs. In this order `npm test` runs them. */
export const suites = {
  unit: { needs: [], run: mochaSuite },
  native: { needs: [], run: (name) => nativeSuite(name, 'plain') },
  addon: { needs: ['typescript', 'native'], run: mochaSuite },
  integration: { needs: ['typescript', 'native'], run: mochaSuite },
  operations: { needs: ['typescript', 'native'], run: mochaSuite },
  peers: { needs: ['typescript', 'native'], run: mochaSuite },
  package: {
    needs: ['typescript', 'native', 'prebuilds'],
    run: (name, options) => mochaSuite(name, { ...options, env: nodeGypEnvironment() }),
  },
};

/**
 * Runs the mocha tests below test/`directory` and leaves their result under `suite`.
 *
 * @param {string} suite
 * @param {{ directory?: string, files?: readonly string[], node?: string, env?: NodeJS.ProcessEnv, wrapper?: readonly string[], args?: readonly string[] }} [options]
 */
export async function mochaSuite(
  suite,
  {
    directory = suite,
    files = undefined,
    node = process.execPath,
    env = process.env,
    wrapper = [],
    args = [],
  } = {},
) {
  const output = resultPath(suite);
  rmSync(output, { force: true });
  const [program, ...words] = [
    ...wrapper,
    node,
    ...mochaArguments(suite, output),
    ...args,
    ...testFiles(directory, files),
  ];
  const status = await run(program, words, { env });
  // A run that died before its end has left no result.
  const result = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : { suite };
  writeResult(withItsEnd(result, status));
}

/** All test files of the directory, or those named; a name without a file is an error. */
function testFiles(directory, names) {
  const all = listFiles(join(root, 'test', directory), (file) => file.endsWith('.test.ts'));
  if (names === undefined) return all;
  const files = names.map((name) => join(root, 'test', directory, `${name}.test.ts`));
  const missing = files.filter((file) => !all.includes(file));
  if (missing.length > 0) throw new Error(`no test file ${missing.join(', ')}`);
  return files;
}

function mochaArguments(suite, output) {
  return [
    require.resolve('mocha/bin/mocha.js'),
    '--reporter',
    join(root, 'scripts/lib/mocha-reporter.cjs'),
    '--reporter-option',
    `suite=${suite},output=${output}`,
    ...(process.env.CI ? ['--forbid-only'] : []),
  ];
}

/** The C++ tests; their runner ends with `N passed, N failed`. */
export async function nativeSuite(suite, variant, { env = process.env, wrapper = [] } = {}) {
  const make = [
    'make',
    '-C',
    'native',
    `-j${availableParallelism()}`,
    `VARIANT=${variant}`,
    'test',
  ];
  const [program, ...words] = [...wrapper, ...make];
  // Two runs of make in one directory would write the same objects.
  const { status, output } = await exclusively(join(root, 'native', variant), () =>
    runCaptured(program, words, { env }),
  );
  const failures = [...output.matchAll(/^FAIL .*$/gm)].map(([line]) => line);
  const [, passed = '0', failed = '0'] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  const counts = { passed: Number(passed), failed: Number(failed) };
  writeResult(withItsEnd({ suite, ...counts, failures }, status));
}
