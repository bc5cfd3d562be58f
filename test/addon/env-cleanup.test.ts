import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { loadAddon } from '../../src/binding/load.js';

const STAGES = [
  'created',
  'listening',
  'accepted',
  'in-flight',
  'flooded',
  'draining',
  'stopped',
] as const;
const MODES = [
  { mode: 'loop', threads: 1 },
  { mode: 'pool', threads: 3 },
] as const;
const ROUNDS = 5;

/** Terminates a thread's environment while its core is at `stage`; a crash would take this process along. */
async function terminateAt(stage: string, mode: string, threads: number): Promise<void> {
  const script = new URL('./fixtures/life-stage.mjs', import.meta.url);
  // The test's own loader must not run in the thread: it is about the addon alone.
  const worker = new Worker(script, { workerData: { stage, mode, threads }, execArgv: [] });
  const [message] = (await once(worker, 'message')) as [{ stage: string; listeners: number[] }];
  assert.equal(message.stage, stage);
  assert.equal(await worker.terminate(), 1);
  for (const fd of message.listeners) loadAddon().closeListener(fd);
}

describe('the addon when its environment ends', () => {
  for (const { mode, threads } of MODES) {
    for (const stage of STAGES) {
      it(`survives termination of a worker thread: ${mode} mode, ${stage}`, async () => {
        for (let round = 0; round < ROUNDS; round += 1) await terminateAt(stage, mode, threads);
      });
    }
    it(`survives many environments side by side: ${mode} mode`, async () => {
      await Promise.all(STAGES.map((stage) => terminateAt(stage, mode, threads)));
    });
  }
});
