/** What one request that hangs costs its neighbours: nothing where it waits, little where it blocks JavaScript. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { KeptConnection } from '../helpers/kept-connection.js';
import { LoadWindow } from '../helpers/kept-load.js';
import { RawSocket } from '../helpers/raw-socket.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const APP = `
interface Rounds { left: number }

function spin(rounds: Rounds): void {
  while (rounds.left > 0) {
    rounds.left = 1;
  }
}

export async function application(environ: any, startResponse: any) {
  if (environ.PATH_INFO === '/block') spin({ left: 1 });
  if (environ.PATH_INFO === '/never') await new Promise(() => {});
  startResponse('200 OK', []);
  return 'hello';
}
`;

const HARAKIRI_MS = 2000;
const MODES = [[], ['--threads', '2']];

const requestFor = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

const start = (...args: string[]): Promise<Server> => {
  const file = join(tempFiles({ 'app.ts': APP }), 'app.ts');
  return startServer([
    '--wsgi-file',
    file,
    '-L',
    '--harakiri',
    String(HARAKIRI_MS / 1000),
    ...args,
  ]);
};

interface Outcome {
  readonly status: number | 'failed';
  /** Milliseconds of performance.now(). */
  readonly begun: number;
  readonly waitMs: number;
}

/** Clients that each ask again and again on a connection of their own, and note how long any outcome took. */
class SteadyClients {
  readonly outcomes: Outcome[] = [];
  readonly #begun: number[] = [];
  readonly #connections: KeptConnection[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  constructor() {
    onCleanup(() => this.stop());
  }

  add(port: number, count: number, everyMs: number): void {
    for (let i = 0; i < count; i += 1) {
      const index = this.#connections.length;
      const connection = new KeptConnection(port, {
        reply: ({ status }) => this.#note(index, status),
        failed: () => this.#note(index, 'failed'),
        ended: () => undefined,
      });
      this.#connections.push(connection);
      this.#ask(index);
      this.#timers.push(setInterval(() => this.#ask(index), everyMs));
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const connection of this.#connections) connection.close();
  }

  async answered(count: number): Promise<void> {
    const goal = this.outcomes.length + count;
    await waitUntil(`${count} more answers`, () => this.outcomes.length >= goal, 20_000);
  }

  /** Latencies of right answers to requests that began in this stretch of time. */
  window(name: string, from: number, to: number): LoadWindow {
    const window = new LoadWindow(name);
    for (const { status, begun, waitMs } of this.outcomes) {
      if (status === 200 && begun >= from && begun < to) window.add(waitMs);
    }
    return window;
  }

  #ask(index: number): void {
    const connection = this.#connections[index];
    if (connection === undefined || connection.busy) return;
    this.#begun[index] = performance.now();
    connection.ask(requestFor('/'));
  }

  #note(index: number, status: Outcome['status']): void {
    const begun = this.#begun[index] ?? 0;
    this.outcomes.push({ status, begun, waitMs: performance.now() - begun });
  }
}

/** Sends a request that hangs; resolves with what its client got, and how long that took. */
async function hang(server: Server, path: string): Promise<Outcome> {
  const socket = await RawSocket.connect(server.port);
  const begun = performance.now();
  await socket.send(requestFor(path));
  const status = await socket.readResponse().then(
    (response) => response.status,
    () => 'failed' as const,
  );
  socket.close();
  return { status, begun, waitMs: performance.now() - begun };
}

describe('harakiri under constant load', () => {
  for (const mode of MODES) {
    const name = mode.join(' ') || 'loop mode';

    it(`ends a request that never answers, and all 100 neighbours on its worker go on (${name})`, async () => {
      const server = await start(...mode);
      const clients = new SteadyClients();
      clients.add(server.port, 100, 250);
      await clients.answered(100);
      const stuck = await hang(server, '/never');
      await clients.answered(100);
      assert.equal(stuck.status, 504);
      assert.ok(stuck.waitMs >= HARAKIRI_MS, `after ${stuck.waitMs} ms`);
      assert.ok(stuck.waitMs <= HARAKIRI_MS + 1000, `after ${stuck.waitMs} ms`);
      const others = new Set(clients.outcomes.map(({ status }) => status));
      assert.deepEqual([...others], [200]);
      assert.doesNotMatch(server.log.text, /HARAKIRI ON WORKER/);
    });

    it(`costs nobody more than a second where a request blocks one of 4 workers (${name})`, async function () {
      this.timeout(60_000);
      const server = await start('--processes', '4', ...mode);
      const clients = new SteadyClients();
      clients.add(server.port, 32, 100);
      const begun = performance.now();
      await clients.answered(600);
      const quiet = clients.window('before', begun, performance.now());
      const blocked = hang(server, '/block');
      clients.add(server.port, 16, 100);
      const line = await server.log.waitFor(/HARAKIRI ON WORKER/);
      const killed = performance.now();
      const end = killed + 4000;
      await waitUntil(
        'the worker to be replaced, and time after it',
        () => performance.now() >= end,
      );
      clients.stop();
      const outcomes = [...clients.outcomes, await blocked];
      const longest = Math.max(...outcomes.map(({ waitMs }) => waitMs));
      const after = clients.window('2 s after the kill', killed + 2000, end);
      process.stdout.write(`      ${quiet.toString()}\n      ${after.toString()}\n`);
      process.stdout.write(
        `      longest wait of all ${outcomes.length}: ${longest.toFixed(0)} ms\n`,
      );
      assert.ok(longest <= HARAKIRI_MS + 1000, `somebody waited ${longest} ms`);
      assert.ok(after.answers > 300);
      const usual = Math.max(3 * quiet.percentile(0.99), 100);
      assert.ok(after.percentile(0.99) <= usual, after.toString());
      assert.match(line.input, /JavaScript blocked for \d\.\d s in: GET \/block /);
      assert.equal((await blocked).status, mode.length === 0 ? 'failed' : 504);
    });
  }
});
