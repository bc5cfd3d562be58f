import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  applicationFrames,
  hangStack,
  stackText,
  withInspector,
} from '../../../../src/supervisor/harakiri/hang-stack.js';
import { onCleanup } from '../../../helpers/cleanup.js';
import { tempFiles } from '../../../helpers/temp-dir.js';

/** Generous beside what it takes: machines that run tests are busy. */
const LIMIT_MS = 10_000;

/** Starts a program that prints a line and then hangs; resolves at the line. */
async function hanging(
  source: string,
): Promise<{ pid: number; file: string; stderr: () => string }> {
  const file = join(tempFiles({ 'hang.mjs': source }), 'hang.mjs');
  const child = spawn(process.execPath, [...withInspector([], true), file]);
  onCleanup(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, file, stderr: () => stderr };
}

describe('the stack of a process that hangs', () => {
  it('is read while JavaScript loops', async () => {
    const { pid, file, stderr } = await hanging(
      'function spin() {\n  for (;;);\n}\nconsole.log(1);\nspin();\n',
    );
    const { frames } = await hangStack(pid, LIMIT_MS);
    assert.ok(frames !== undefined);
    const [top] = frames;
    assert.deepEqual([top?.functionName, top?.file, top?.line], ['spin', file, 2]);
    assert.equal(top?.text, 'for (;;);');
    assert.match(stackText(frames), new RegExp(`^at spin \\(${file}:2:\\d+\\)\nat ${file}:5:1`));
    assert.doesNotMatch(stderr(), /Debugger listening/);
  });

  it('does not exist where no JavaScript runs, and that takes no longer than it may', async () => {
    const { pid } = await hanging(
      'import { writeSync } from "node:fs"; import { execSync } from "node:child_process"; writeSync(1, "1"); execSync("sleep 60");',
    );
    const begin = performance.now();
    const stack = await hangStack(pid, 300);
    assert.ok(performance.now() - begin < 5000);
    assert.deepEqual(Object.keys(stack), ['frames', 'reason']);
    assert.match('reason' in stack ? stack.reason : '', /in native code or in a system call/);
  });

  it('does not exist of a process that is gone', async () => {
    const stack = await hangStack(2 ** 22 + 1, LIMIT_MS);
    assert.match('reason' in stack ? stack.reason : '', /cannot be signalled/);
  });

  it('ends where the server called the application', () => {
    const own = fileURLToPath(
      new URL('../../../../src/worker/gateway/exchange.ts', import.meta.url),
    );
    const count = (...files: string[]): number =>
      applicationFrames(files.map((file) => ({ file })));
    assert.equal(
      count('/srv/app.ts', 'node:internal/timers', '/srv/app.ts', own, 'node:x', own),
      3,
    );
    assert.equal(count(own, 'node:x'), 2);
    assert.equal(count(), 0);
  });

  it('needs an inspector port, which whoever debugs has chosen already', () => {
    assert.deepEqual(withInspector(['--a'], false), ['--a']);
    assert.deepEqual(withInspector(['--inspect=0'], true), ['--inspect=0']);
    assert.equal(withInspector(['--a'], true).length, 3);
  });
});
