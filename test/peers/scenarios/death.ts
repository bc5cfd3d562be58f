/** A worker that is killed while it and its neighbours are busy. */
import assert from 'node:assert/strict';
import { onCleanup } from '../../helpers/cleanup.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { tryAsking, type Outcome } from '../client.js';
import { type Beginning, type Setting, WORKERS } from '../setting.js';
import type { Scenario } from './scenario.js';

const HELD = 8;
const CLIENTS = 6;
/** Answers of the load before the death, and as many after it. */
const ANSWERS = 60;

interface Asked {
  readonly id: string;
  readonly outcome: Outcome;
  readonly startedAt: number;
}

/** Clients that ask one thing after the other until they are told to stop, at the latest at the end of the test. */
class Load {
  readonly asked: Asked[] = [];
  readonly #port: number;
  readonly #clients: Promise<void>[];
  #stopped = false;

  constructor(port: number) {
    this.#port = port;
    this.#clients = Array.from({ length: CLIENTS }, (_, client) => this.#client(client));
    onCleanup(() => this.stop());
  }

  answered(): number {
    return this.asked.filter(({ outcome }) => isAnswered(outcome)).length;
  }

  async waitForAnswers(more: number): Promise<void> {
    const before = this.answered();
    await waitUntil(`${more} more answers`, () => this.answered() >= before + more);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #client(client: number): Promise<void> {
    for (let count = 0; !this.#stopped; count += 1) {
      const id = `load${client}-${count}`;
      const startedAt = performance.now();
      const outcome = await tryAsking(this.#port, { path: `/load/${id}` });
      this.asked.push({ id, outcome, startedAt });
    }
  }
}

function isAnswered(outcome: Outcome): boolean {
  return outcome.kind === 'answered' && outcome.answer.status === 200;
}

function describe(outcome: Outcome): number | 'broken' {
  return outcome.kind === 'broken' ? 'broken' : outcome.answer.status;
}

async function respawned({ server }: Setting, victim: number): Promise<void> {
  await waitUntil('another worker in its place', () => {
    const workers = server.workers();
    return workers.length === WORKERS && workers.every(({ pid }) => pid !== victim);
  });
}

/** Those that another worker ran must be answered; those of the victim are lost, unless the peer asked again. */
function judgeHeld(
  { peer }: Setting,
  held: ReadonlyMap<string, Outcome>,
  begun: readonly Beginning[],
  victim: number,
): void {
  for (const [id, outcome] of held) {
    const workers = begun.filter((one) => one.id === id).map(({ pid }) => pid);
    const lost = workers.every((pid) => pid === victim);
    if (lost) assert.ok(peer.onDeath.includes(describe(outcome)), `${id}: ${describe(outcome)}`);
    else assert.ok(isAnswered(outcome), `${id} ran in ${workers.join(', ')}: ${describe(outcome)}`);
  }
}

/** What was lost: begun by the victim, or in its hands and not begun by anybody; asked for before it died. */
function judgeLoad(load: Load, begun: readonly Beginning[], victim: number, diedAt: number): void {
  const byWorker = new Map(begun.map(({ id, pid }) => [id, pid]));
  const lost = load.asked.filter(({ outcome }) => !isAnswered(outcome));
  const strange = lost.filter(({ id, startedAt }) => {
    return startedAt > diedAt || (byWorker.get(id) ?? victim) !== victim;
  });
  assert.deepEqual(strange, [], 'lost although no dead worker ran it');
  assert.ok(lost.length <= CLIENTS, `${lost.length} lost of ${CLIENTS} clients`);
}

const killed: Scenario = {
  title: 'a worker killed under load: only the requests it ran are lost, and the peer goes on',
  async run(setting) {
    const { port, notes } = setting;
    const held = Array.from({ length: HELD }, (_, index) => `held${index}`);
    const outcomes = Promise.all(held.map((id) => tryAsking(port, { path: `/held/${id}` })));
    const [first] = await notes.waitForBegun(HELD, 'held');
    const victim = first?.pid ?? 0;
    const load = new Load(port);
    await load.waitForAnswers(ANSWERS);
    process.kill(victim, 'SIGKILL');
    const diedAt = performance.now();
    await load.waitForAnswers(ANSWERS);
    await respawned(setting, victim);
    await load.waitForAnswers(ANSWERS);
    await load.stop();
    notes.release();
    const results = await outcomes;
    const begun = notes.begun();
    judgeHeld(setting, new Map(held.map((id, at) => [id, results[at]!])), begun, victim);
    judgeLoad(load, begun, victim, diedAt);
  },
};

export const deathScenarios: readonly Scenario[] = [killed];
