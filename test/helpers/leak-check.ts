/**
 * Root hooks of every test run (mocha loads this file with --require): after each test nothing may be left of it, no
 * child process, zombie or descriptor, and no server may have logged an alert.
 */
import { enterTest, leaveRun, leaveTest } from './cleanup.js';
import { childrenOf, openFiles, type ProcessFacts } from './processes.js';
import { forgetEndedServers, knownServers, type Server } from './server.js';
import { waitUntil, WaitLimitError } from './wait-until.js';

/** Descriptors close and children are reaped a moment after the event that a test saw. */
const SETTLE_LIMIT_MS = 3000;

/** What sanitizers, the C++ runtime, V8 and our own checks print when something is broken. */
const ALERT =
  /AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|UndefinedBehavior|terminate called|Assertion .*failed|CHECK failed|\[alert\]|FATAL ERROR|Segmentation fault|UnhandledPromiseRejection|MaxListenersExceeded/;

interface Snapshot {
  readonly files: ReadonlyMap<number, string>;
  readonly children: ReadonlySet<number>;
}

let before: Snapshot = { files: new Map(), children: new Set() };

/** The TypeScript loader keeps one compiler process for the whole run; it starts when it is first needed. */
function isCompiler(child: ProcessFacts): boolean {
  return child.command.includes('esbuild');
}

function ownChildren(): ProcessFacts[] {
  return childrenOf(process.pid);
}

function snapshot(): Snapshot {
  return {
    files: openFiles('self'),
    children: new Set(ownChildren().map(({ pid }) => pid)),
  };
}

/** Sockets and files; pipes, event and poll descriptors are the runtime's own and come and go with its threads. */
function isLeakable(target: string): boolean {
  if (target.startsWith('socket:')) return true;
  return target.startsWith('/') && !/^\/(dev|proc|sys)\//.test(target);
}

function leakedFiles(): string[] {
  const leaked: string[] = [];
  for (const [fd, target] of openFiles('self')) {
    if (isLeakable(target) && before.files.get(fd) !== target) leaked.push(`fd ${fd}: ${target}`);
  }
  return leaked;
}

function leakedChildren(): string[] {
  return ownChildren()
    .filter((child) => !before.children.has(child.pid) && !isCompiler(child))
    .map(({ pid, state, command }) => `process ${pid} (${state}): ${command}`);
}

/** Polls because closing and reaping finish a moment later; what is still there at the limit is a leak. */
async function requireNoLeaks(): Promise<void> {
  let leaks: string[] = [];
  try {
    await waitUntil(
      'descriptors and children to go',
      () => {
        leaks = [...leakedChildren(), ...(compilerStarted() ? [] : leakedFiles())];
        return leaks.length === 0;
      },
      SETTLE_LIMIT_MS,
    );
  } catch (error) {
    if (!(error instanceof WaitLimitError)) throw error;
    throw new Error(`the test left behind:\n  ${leaks.join('\n  ')}`, { cause: error });
  }
}

/** Its sockets appear among our own in the test that starts it, so files are not compared there. */
function compilerStarted(): boolean {
  return ownChildren().some((child) => isCompiler(child) && !before.children.has(child.pid));
}

function alertsOf(server: Server): string[] {
  return server.log.lines.filter((line) => ALERT.test(line) && !server.alertIsAllowed(line));
}

function requireNoAlerts(): void {
  const alerts = knownServers().flatMap(alertsOf);
  if (alerts.length > 0) throw new Error(`a server logged:\n  ${alerts.join('\n  ')}`);
}

function printLogs(title: string): void {
  for (const server of knownServers()) {
    process.stderr.write(`\n--- server log of: ${title}\n${server.log.text}\n---\n`);
  }
}

async function finishTest(failed: boolean, title: string): Promise<void> {
  try {
    await leaveTest();
    requireNoAlerts();
    if (!failed) await requireNoLeaks();
  } catch (error) {
    if (!failed) printLogs(title);
    throw error;
  } finally {
    if (failed) printLogs(title);
    forgetEndedServers();
  }
}

function requireAllStopped(): void {
  const running = knownServers().filter((server) => server.running);
  for (const server of running) server.kill('SIGKILL');
  if (running.length > 0)
    throw new Error(`${running.length} servers were not stopped by an after hook`);
}

export const mochaHooks = {
  beforeEach(): void {
    before = snapshot();
    enterTest();
  },
  async afterEach(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    const test = this.currentTest;
    await finishTest(test?.state === 'failed', test?.fullTitle() ?? 'unknown test');
  },
  async afterAll(): Promise<void> {
    await leaveRun();
    requireAllStopped();
  },
};
