/**
 * What a test leaves behind is cleaned up by the hooks in leak-check.ts: at the end of the test when it was made in
 * the test or a beforeEach hook, at the end of the run when it was made in a before hook.
 */
type Cleanup = () => void | Promise<void>;

interface Scope {
  readonly cleanups: Cleanup[];
}

const runScope: Scope = { cleanups: [] };
let testScope: Scope | undefined;

/** Registers work for the end of the current scope; the last registered runs first. */
export function onCleanup(cleanup: Cleanup): void {
  (testScope ?? runScope).cleanups.push(cleanup);
}

/** Whether a test is running (or its beforeEach and afterEach hooks). */
export function inTest(): boolean {
  return testScope !== undefined;
}

export function enterTest(): void {
  testScope = { cleanups: [] };
}

/** Runs every cleanup, also when some fail, and throws the failures together. */
async function drainScope(scope: Scope): Promise<void> {
  const failures: unknown[] = [];
  for (let cleanup = scope.cleanups.pop(); cleanup; cleanup = scope.cleanups.pop()) {
    try {
      await cleanup();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('\n'));
}

export async function leaveTest(): Promise<void> {
  const scope = testScope;
  testScope = undefined;
  if (scope !== undefined) await drainScope(scope);
}

export async function leaveRun(): Promise<void> {
  await drainScope(runScope);
}
