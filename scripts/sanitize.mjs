// Native tests, then addon and integration tests, under a sanitizer:
// `node scripts/sanitize.mjs asan|tsan [native] [addon] [traffic] [integration] [--grep WORDS and other arguments of mocha]`.
// Without names: all but `integration`, of which `traffic` is the part that brings the core under load and hostile input.
// The addon is built instrumented in a directory of its own; node is not instrumented, so the runtime is preloaded.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureBuilt } from './lib/builds.mjs';
import { exclusively } from './lib/exclusive.mjs';
import { listFiles } from './lib/fingerprint.mjs';
import { instrumentedRoot } from './lib/instrumented.mjs';
import { describeResults, readResults, resultPath, writeResult } from './lib/results.mjs';
import { findProgram, root } from './lib/run.mjs';
import { mochaSuite, nativeSuite } from './lib/suites.mjs';

const [variant = '', ...words] = process.argv.slice(2);
const firstFlag = words.findIndex((word) => word.startsWith('-'));
const named = firstFlag < 0 ? words : words.slice(0, firstFlag);
const suppressions = (name) => join(root, 'test/sanitizers', `${name}.supp`);

/**
 * Left out: tests of JavaScript alone, and those that leave a sanitizer's runtime fewer descriptors or less memory
 * than it needs.
 */
const unfit =
  'loading an application|ini dialect|ini file|out of descriptors|how many descriptors|nor much else';

/** Files of test/integration that bring load and hostile input; the others start many servers for a request or two. */
const traffic = [
  ...[
    'backpressure-raw',
    'expect',
    'half-close',
    'hand-over',
    'harakiri',
    'http1-chaos',
    'http1-hostile',
    'input',
  ],
  ...[
    'limits',
    'load',
    'pipelining',
    'recycling',
    'respawn',
    'router',
    'scoreboard',
    'shared-queues',
    'signals',
  ],
  ...['standalone', 'streaming', 'timeouts', 'unix-sockets', 'uwsgi-hostile', 'uwsgi-protocol'],
];

/** Of these, where threads of a process meet: starting a process under ThreadSanitizer takes seconds. */
const threads = [
  ...['backpressure-raw', 'hand-over', 'http1-chaos', 'limits', 'load', 'pipelining', 'scoreboard'],
  ...['shared-queues', 'streaming', 'uwsgi-protocol'],
];

const variants = {
  asan: {
    runtime: 'libasan.so',
    traffic,
    unfit,
    options: (log) => ({
      // Leaks are looked for in the native tests: node itself leaves memory to the kernel at exit. What is freed is kept
      // back for a while, but not so much of it that tests which watch a server's memory take it for growth.
      ASAN_OPTIONS: `detect_leaks=0:quarantine_size_mb=16:abort_on_error=0:exitcode=99:log_path=${log}`,
      UBSAN_OPTIONS: `print_stacktrace=1:halt_on_error=1:log_path=${log}`,
    }),
    nativeOptions: {
      ASAN_OPTIONS: 'detect_leaks=1',
      LSAN_OPTIONS: `suppressions=${suppressions('lsan')}`,
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    },
  },
  tsan: {
    runtime: 'libtsan.so',
    traffic: threads,
    // A preloaded shell does not survive a fork without an exec, nor always an exec.
    unfit: `${unfit}|left behind|attach-daemon`,
    options: (log) => ({
      TSAN_OPTIONS: `suppressions=${suppressions('tsan')}:history_size=4:exitcode=0:log_path=${log}`,
    }),
    nativeOptions: {
      TSAN_OPTIONS: `suppressions=${suppressions('tsan')}:halt_on_error=0:exitcode=66`,
    },
  },
};

const suites = {
  native: () =>
    nativeSuite(`native-${variant}`, variant, {
      env: { ...process.env, ...variants[variant].nativeOptions },
      wrapper: fixedAddresses(),
    }),
  addon: () => preloaded('addon', 'addon'),
  traffic: () => preloaded('traffic', 'integration', variants[variant].traffic),
  integration: () => preloaded('integration', 'integration'),
};
const byDefault = ['native', 'addon', 'traffic'];

/** Shadow memory has fixed addresses: randomised ones of the program can lie in its way. */
function fixedAddresses() {
  return findProgram('setarch') ? ['setarch', '-R'] : [];
}

const addonOf = (directory) => join(directory, 'build/Release/tsuwsgi_native.node');

/** `files`: names without `.test.ts`; all of the directory where none are given. */
async function preloaded(name, directory, files) {
  const { runtime, options } = variants[variant];
  const forMocha = words.slice(named.length);
  const selection =
    forMocha.length > 0 ? forMocha : ['--invert', '--grep', variants[variant].unfit];
  const suite = `${name}-${variant}`;
  const log = resultPath(`${suite}-report`).replace(/\.json$/, '');
  await exclusively(root, async () => {
    for (const build of ['typescript', 'native', variant]) await ensureBuilt(build);
  });
  const runtimeEnv = {
    ...options(log),
    TSUWSGI_NATIVE_PREBUILD: instrumentedRoot(variant),
    LD_PRELOAD: execFileSync('g++', [`-print-file-name=${runtime}`], { encoding: 'utf8' }).trim(),
  };
  // The addon's own tests load it into mocha's process; others start servers, which alone are looked at then.
  const env =
    directory === 'addon' ? runtimeEnv : { SANITIZED_SERVER_ENV: JSON.stringify(runtimeEnv) };
  await mochaSuite(suite, {
    directory,
    files,
    env: { ...process.env, ...env, INSTRUMENTED_ADDON: addonOf(instrumentedRoot(variant)) },
    wrapper: fixedAddresses(),
    args: ['--timeout', '180000', ...selection, join(root, 'test/sanitizers/loaded.test.ts')],
  });
  reportFindings(suite, log);
}

/** Each report file is a finding, also where the test that caused it passed. */
function reportFindings(suite, log) {
  const reports = listFiles(join(log, '..'), (file) => file.startsWith(`${log}.`));
  for (const report of reports)
    process.stdout.write(`${readFileSync(report, 'utf8').slice(0, 20_000)}\n`);
  const failures = reports.map((report) => `the sanitizer reported: ${basename(report)}`);
  writeResult({
    suite: `${suite}-findings`,
    passed: failures.length === 0 ? 1 : 0,
    failed: failures.length,
    failures,
  });
}

async function main() {
  if (!(variant in variants)) throw new Error('which one? asan or tsan');
  const names = named.length > 0 ? named : byDefault;
  const unknown = names.filter((name) => !(name in suites));
  if (unknown.length > 0)
    throw new Error(`no suite ${unknown.join(', ')}; known are ${Object.keys(suites).join(', ')}`);
  for (const name of names) {
    process.stdout.write(`\n== ${name} (${variant})\n`);
    await suites[name]();
  }
  const results = readResults();
  process.stdout.write(`\n${describeResults(results)}\n`);
  return results.some(({ failed }) => failed > 0) ? 1 : 0;
}

process.exitCode = await main().catch((error) => {
  process.stderr.write(`sanitize: ${error.message}\n`);
  return 1;
});
