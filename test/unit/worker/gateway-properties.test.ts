import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Application, ResponseBody, StartResponse } from '../../../src/app/types.js';
import { constants, type Operation } from './fake-core.js';
import { gatewayFor, turn, type Harness } from './gateway-harness.js';

/** What an application does with one request. */
interface Plan {
  readonly kind: 'string' | 'list' | 'generator' | 'async-generator' | 'write' | 'never';
  readonly pieces: number;
  readonly bytes: number;
  /** Piece at which it throws; -1 never. */
  readonly throwsAt: number;
  readonly later: boolean;
  readonly declared: number | undefined;
  readonly method: 'GET' | 'HEAD';
}

type Command =
  | { readonly do: 'request'; readonly slot: number; readonly plan: Plan }
  | { readonly do: 'writable' | 'abort'; readonly slot: number }
  | { readonly do: 'turn' };

const SLOTS = 4;
const TERMINAL = new Set(['RESPOND', 'END', 'ABORT']);

const plan: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constantFrom('string', 'list', 'generator', 'async-generator', 'write', 'never'),
  pieces: fc.integer({ min: 0, max: 5 }),
  bytes: fc.constantFrom(0, 1, 100, 30_000, 70_000),
  throwsAt: fc.integer({ min: -1, max: 5 }),
  later: fc.boolean(),
  declared: fc.option(fc.constantFrom(0, 1, 200, 60_000), { nil: undefined }),
  method: fc.constantFrom('GET', 'HEAD'),
});
const slot = fc.integer({ min: 0, max: SLOTS - 1 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('request' as const), slot, plan }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('writable' as const), slot }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), slot }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
);

/** Bodies that were opened, and how often each was closed. */
class Ledger {
  readonly closes: { count: number }[] = [];

  open(): { count: number } {
    const entry = { count: 0 };
    this.closes.push(entry);
    return entry;
  }
}

function* piecesOf(plan: Plan): Generator<string> {
  for (let i = 0; i < plan.pieces; i++) {
    if (i === plan.throwsAt) throw new Error('planned');
    yield 'x'.repeat(plan.bytes);
  }
}

async function* asyncPiecesOf(plan: Plan): AsyncGenerator<string> {
  for (const piece of piecesOf(plan)) {
    if (plan.later) await turn();
    yield piece;
  }
}

function bodyOf(plan: Plan, ledger: Ledger): ResponseBody {
  if (plan.kind === 'string') return 'x'.repeat(plan.bytes);
  if (plan.kind === 'list')
    return Array.from({ length: plan.pieces }, () => 'x'.repeat(plan.bytes));
  const entry = ledger.open();
  const close = (): void => void (entry.count += 1);
  const pieces = plan.kind === 'generator' ? piecesOf(plan) : asyncPiecesOf(plan);
  return Object.assign(pieces, { close });
}

async function writing(plan: Plan, start: StartResponse): Promise<void> {
  const write = start('200 OK', headersOf(plan));
  for await (const piece of asyncPiecesOf(plan)) await write(piece);
}

function headersOf({ declared }: Plan): readonly (readonly [string, string])[] {
  return declared === undefined ? [] : [['Content-Length', String(declared)]];
}

function applicationFor(plans: ReadonlyMap<string, Plan>, ledger: Ledger): Application {
  return (environ, startResponse) => {
    const chosen = plans.get(environ.PATH_INFO);
    if (chosen === undefined) throw new Error('a request without a plan');
    if (chosen.kind === 'never') return new Promise<string>(() => undefined);
    if (chosen.kind === 'write') return writing(chosen, startResponse);
    startResponse('200 OK', headersOf(chosen));
    const body = bodyOf(chosen, ledger);
    return chosen.later ? turn().then(() => body) : body;
  };
}

/** Plays the core's part: a slot is free again when its request has ended. */
class Play {
  readonly ledger = new Ledger();
  readonly #plans = new Map<string, Plan>();
  readonly #harness: Harness = gatewayFor(applicationFor(this.#plans, this.ledger), 65_536);
  readonly #generations = new Array<number>(SLOTS).fill(0);
  readonly #live = new Set<number>();
  readonly #aborted = new Map<string, number>();

  async run(commands: readonly Command[]): Promise<void> {
    for (const step of commands) {
      if (step.do === 'turn') await turn();
      else this.#apply(step);
      this.#free();
    }
    await this.#finish();
  }

  #apply(step: Exclude<Command, { do: 'turn' }>): void {
    const { core } = this.#harness;
    const generation = this.#generations[step.slot] ?? 0;
    if (step.do === 'request') this.#request(step.slot, step.plan);
    else if (this.#live.has(step.slot)) {
      if (step.do === 'writable') core.putEvent('WRITABLE', step.slot, generation);
      else this.#abort(step.slot, generation);
    }
    core.run();
  }

  #request(at: number, chosen: Plan): void {
    if (this.#live.has(at)) return;
    const generation = (this.#generations[at] ?? 0) + 1;
    this.#generations[at] = generation;
    this.#live.add(at);
    const target = `/${at}/${generation}`;
    this.#plans.set(target, chosen);
    this.#harness.core.putRequest({ slot: at, generation, target, method: chosen.method });
  }

  #abort(at: number, generation: number): void {
    const { core } = this.#harness;
    core.putEvent('ABORTED', at, generation, constants.abortReason.CLIENT);
    this.#live.delete(at);
    this.#aborted.set(`${at}/${generation}`, core.of(at, generation).length);
  }

  #free(): void {
    for (const at of [...this.#live]) {
      const operations = this.#harness.core.of(at, this.#generations[at]);
      if (operations.some(({ op }) => TERMINAL.has(op))) this.#live.delete(at);
    }
  }

  /** Lets everything go on until it has ended; what never would is aborted. */
  async #finish(): Promise<void> {
    const { core } = this.#harness;
    for (let i = 0; i < 12 && this.#live.size > 0; i++) {
      await turn();
      for (const at of this.#live) core.putEvent('WRITABLE', at, this.#generations[at]);
      core.run();
      await turn();
      this.#free();
    }
    for (const at of [...this.#live]) this.#abort(at, this.#generations[at] ?? 0);
    core.run();
    for (let i = 0; i < 4; i++) await turn();
  }

  check(): void {
    const { core, dispatcher } = this.#harness;
    assert.equal(dispatcher.running, 0, 'requests are left');
    for (const [target, chosen] of this.#plans) {
      const [, at = '', generation = ''] = target.split('/');
      const key = `${at}/${generation}`;
      checkOperations(core.of(Number(at), Number(generation)), chosen, this.#aborted.get(key));
    }
    for (const { count } of this.ledger.closes)
      assert.equal(count, 1, 'a body was not closed once');
  }
}

/** `abortedAfter`: how many operations there were when the core ended the request. */
function checkOperations(
  operations: readonly Operation[],
  chosen: Plan,
  abortedAfter: number | undefined,
): void {
  const names = operations.map(({ op }) => op);
  const terminals = names.filter((name) => TERMINAL.has(name));
  if (abortedAfter === undefined) {
    assert.equal(terminals.length, 1, `one end, not ${names.join(' ')}`);
    assert.ok(TERMINAL.has(names.at(-1) ?? ''), `nothing after the end: ${names.join(' ')}`);
  } else assert.equal(names.length, abortedAfter, 'operations on a request that is gone');
  if (names[0] !== 'RESPOND' && names.length > 0) assert.equal(names[0], 'BEGIN');
  if (chosen.method === 'HEAD')
    assert.ok(operations.every(({ bodyLength }) => bodyLength === 0 || names[0] === 'RESPOND'));
  const declared = operations[0]?.declared ?? -1;
  const sent = operations.reduce((sum, { body }) => sum + body.length, 0);
  if (names.at(-1) === 'END' && declared >= 0) assert.equal(sent, declared, 'the declared length');
}

describe('gateway', () => {
  it('ends every request once and closes every body once, whatever happens in which order', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
        const play = new Play();
        await play.run(commands);
        play.check();
      }),
      { numRuns: 400 },
    );
  });
});
