// Runs every fuzz target for a while: `node scripts/fuzz-smoke.mjs [seconds each]`. Needs clang with libFuzzer.
import { findProgram, runCaptured } from './lib/run.mjs';
import { writeResult } from './lib/results.mjs';

const suite = 'fuzz';
const seconds = process.argv[2] ?? '60';

function skip() {
  process.stdout.write('clang++ is not installed: fuzzing is skipped\n');
  writeResult({ suite, skipped: ['clang++ is not installed'] });
  return process.env.CI ? 1 : 0;
}

/** make stops at the first target that finds something: the ones before it passed. */
async function fuzz() {
  const { status, output } = await runCaptured('make', [
    '-C',
    'native',
    'fuzz-run',
    `SECONDS=${seconds}`,
  ]);
  const started = [...output.matchAll(/^fuzzing (\S+) for/gm)].map(([, target]) => target);
  const failures = status === 0 ? [] : [started.at(-1) ?? `make ended with status ${status}`];
  if (started.length === 0 && status === 0) failures.push('there was no target');
  writeResult({
    suite,
    passed: Math.max(0, started.length - failures.length),
    failed: failures.length,
    failures,
  });
  return failures.length;
}

process.exitCode = findProgram('clang++') ? await fuzz() : skip();
