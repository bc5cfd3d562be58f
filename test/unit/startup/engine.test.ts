import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { weighsForItself } from '../../../src/startup/engine.js';

const ENGINE = new URL('../../../src/startup/engine.ts', import.meta.url).href;

const SCRIPT = `
import { staySmall, optimizeCode } from '${ENGINE}';
const [, ...steps] = process.argv;
for (const step of steps) ({ staySmall, optimizeCode })[step]();
const byTurboFan = new Function('f', 'return %ActiveTierIsTurbofan(f)');
let sum = 0;
function hot(n) { for (let i = 0; i < 1000; i += 1) sum = (sum + i * n) | 0; return sum; }
const compiled = () => byTurboFan(hot);
for (let turn = 0; turn < 20_000 && !compiled(); turn += 1) {
  hot(turn);
  // Compiled code is put in place between two turns of the loop.
  if (turn % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
}
console.log(compiled() ? 'compiled' : 'interpreted');
`;

function run(nodeArgs: readonly string[], ...steps: string[]): string {
  // V8 compiles where it stands: another thread may get no processor until the last turn.
  const args = [
    '--allow-natives-syntax',
    '--no-concurrent-recompilation',
    ...nodeArgs,
    '--import',
    'tsx',
  ];
  return execFileSync(process.execPath, [...args, '--input-type=module', '-e', SCRIPT, ...steps], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    encoding: 'utf8',
  }).trim();
}

describe('engine', () => {
  it('does not optimize code of what stays small', () => {
    assert.equal(run([], 'staySmall'), 'interpreted');
  });

  it('optimizes other code, and that of whoever asks for it', () => {
    assert.equal(run([]), 'compiled');
    assert.equal(run([], 'staySmall', 'optimizeCode'), 'compiled');
  });

  it('leaves V8 alone where its user has told it what to do', () => {
    assert.equal(run(['--optimize-for-size'], 'staySmall'), 'compiled');
    assert.equal(run(['--no-opt'], 'staySmall', 'optimizeCode'), 'interpreted');
  });

  for (const option of [
    '--no-opt',
    '--noopt',
    '--turbofan',
    '--jitless',
    '--optimize_for_size',
    '--max-semi-space-size=4',
    '--semi-space-growth-factor=2',
  ]) {
    it(`takes ${option} for such a word`, () => {
      assert.equal(weighsForItself(['--import', 'x', option]), true);
    });
  }

  it('takes other options for none', () => {
    const others = ['--max-old-space-size=100', '--import=./opt', '--title=opt', '--optional'];
    assert.equal(weighsForItself(others), false);
  });
});
