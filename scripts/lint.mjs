// All linters, or those named: `node scripts/lint.mjs [--fix] [tsc] [eslint] [prettier] [clang-format] [clang-tidy] [links]`.
// A program that is not installed is skipped by name; with CI set that is a failure.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { listFiles } from './lib/fingerprint.mjs';
import { clangFlags } from './lib/clang-flags.mjs';
import { brokenLinks } from './lib/markdown-links.mjs';
import { writeResult } from './lib/results.mjs';
import { findProgram, root, run, runCaptured } from './lib/run.mjs';

const require = createRequire(import.meta.url);
const { values, positionals } = parseArgs({
  options: { fix: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const node = (script, args) => run(process.execPath, [script, ...args]);
const binOf = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

const cppFiles = (pattern) =>
  ['native', 'test/native', 'test/fuzz', 'bench']
    .flatMap((directory) => listFiles(join(root, directory), (file) => pattern.test(file)))
    .filter((file) => !/\/(node_modules|build|deps)\//.test(file));

const linters = {
  tsc: typecheck,
  eslint: () =>
    node(binOf('eslint', 'bin/eslint.js'), [
      ...(values.fix ? ['--fix'] : []),
      '--max-warnings=0',
      '.',
    ]),
  prettier: () =>
    node(binOf('prettier', 'bin/prettier.cjs'), [
      values.fix ? '--write' : '--check',
      '--log-level=warn',
      '.',
    ]),
  'clang-format': () =>
    clang('clang-format', values.fix ? ['-i'] : ['--dry-run', '--Werror'], cppFiles(/\.(cc|h)$/)),
  'clang-tidy': clangTidy,
  links,
};

/** The benchmarks are a package of their own, checked where its packages are installed. */
async function typecheck() {
  const projects = [
    'tsconfig.json',
    'src/page/tsconfig.json',
    ...(existsSync(join(root, 'bench/node_modules')) ? ['bench/tsconfig.json'] : []),
  ];
  let failed = 0;
  for (const project of projects) {
    failed += await node(require.resolve('typescript/bin/tsc'), ['-p', project, '--noEmit']);
  }
  return failed;
}

function clang(name, args, files) {
  const program = findProgram(name);
  return program ? run(program, [...args, ...files]) : missing(name);
}

/** As many processes as cores, one file each. What a header has wrong is told by every file that includes it, and printed once. */
async function clangTidy() {
  const program = findProgram('clang-tidy');
  if (!program) return missing('clang-tidy');
  const files = cppFiles(/\.cc$/).filter((file) => file.startsWith(join(root, 'native')));
  const findings = new Set();
  const failed = [];
  const work = async () => {
    for (let file = files.pop(); file; file = files.pop()) {
      const args = ['--quiet', file, '--', ...clangFlags()];
      const { status, output, errors } = await runCaptured(program, args, { quiet: true });
      for (const finding of output.split(/^(?=\S+:\d+:\d+: (?:error|warning):)/m))
        findings.add(finding.trim());
      if (status !== 0) failed.push(file);
      // What it says beside its findings is how many it suppressed; where there are none, it is why it failed.
      if (status !== 0 && output.trim() === '') findings.add(`${file}: ${errors.trim()}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  for (const finding of findings) if (finding !== '') process.stdout.write(`${finding}\n`);
  return failed.length;
}

function links() {
  const broken = brokenLinks();
  for (const link of broken) process.stdout.write(`${link} leads nowhere\n`);
  return broken.length;
}

function missing(name) {
  process.stdout.write(`${name} is not installed: skipped\n`);
  return process.env.CI ? 1 : 'skipped';
}

const names = positionals.length > 0 ? positionals : Object.keys(linters);
const unknown = names.filter((name) => !(name in linters));
const failures = unknown.map((name) => `no linter ${name}`);
const skipped = [];
for (const name of names.filter((known) => !unknown.includes(known))) {
  process.stdout.write(`== ${name}\n`);
  const status = await linters[name]();
  if (status === 'skipped') skipped.push(name);
  else if (status !== 0) failures.push(name);
}
writeResult({
  suite: 'lint',
  passed: names.length - failures.length - skipped.length,
  failed: failures.length,
  failures,
  skipped,
});
if (failures.length > 0) process.stderr.write(`lint: failed: ${failures.join(', ')}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
