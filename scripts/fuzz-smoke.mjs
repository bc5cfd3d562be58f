// Runs every fuzz target for a while, two at a time: `node scripts/fuzz-smoke.mjs [seconds each]`. Needs clang with libFuzzer.
import { findProgram, runCaptured } from './lib/run.mjs';
import { writeResult } from './lib/results.mjs';

const suite = 'fuzz';
const seconds = process.argv[2] ?? '60';

function skip() {
  process.stdout.write('clang++ is not installed: fuzzing is skipped\n');
  writeResult({ suite, skipped: ['clang++ is not installed'] });
  return process.env.CI ? 1 : 0;
}

async function fuzz() {
  const { status, output } = await runCaptured('make', [
    '-C',
    'native',
    'fuzz-run',
    `SECONDS=${seconds}`,
  ]);
  const named = (pattern) => [...output.matchAll(pattern)].map(([, target]) => target);
  const started = named(/^fuzzing (\S+) for/gm);
  const ended = named(/^fuzzed (\S+)$/gm);
  const failures = started.filter((target) => !ended.includes(target));
  if (failures.length === 0 && status !== 0) failures.push(`make ended with status ${status}`);
  if (started.length === 0 && status === 0) failures.push('there was no target');
  writeResult({
    suite,
    passed: ended.length,
    failed: failures.length,
    failures,
  });
  return failures.length;
}

process.exitCode = findProgram('clang++') ? await fuzz() : skip();
