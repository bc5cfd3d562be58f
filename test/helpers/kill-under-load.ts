import assert from 'node:assert/strict';
import type { Load } from './load.js';
import { isAlive } from './processes.js';
import { workerPid, type Server } from './server.js';
import { waitUntil } from './wait-until.js';

/** Answers between two deaths. */
const ANSWERS = 50;

async function answers(load: Load): Promise<void> {
  const before = load.answers.length;
  await waitUntil(`${ANSWERS} more answers`, () => load.answers.length > before + ANSWERS);
}

/**
 * Kills these workers, one after the other, under a load of `clients`. Each death may cost every client the one request
 * it has running, and no second one; nothing that is asked afterwards is lost.
 */
export async function killUnderLoad(
  server: Server,
  load: Load,
  clients: number,
  workerIds: readonly number[],
): Promise<void> {
  let lastDeath = 0;
  for (const workerId of workerIds) {
    const victim = workerPid(server, workerId);
    await answers(load);
    const from = server.log.lines.length;
    process.kill(victim, 'SIGKILL');
    await waitUntil('the worker to be gone', () => !isAlive(victim));
    lastDeath = performance.now();
    await server.log.waitFor(new RegExp(`worker ${workerId} .* is ready`), 10_000, from);
  }
  await answers(load);
  await load.stop();
  const late = load.failures.filter(({ startedAt }) => startedAt > lastDeath);
  assert.deepEqual(late, [], 'lost after the last death');
  const allowed = workerIds.length * clients;
  assert.ok(load.failures.length <= allowed, `${load.failures.length} failures`);
}
