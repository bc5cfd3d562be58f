/** What one request that hangs costs its neighbours: nothing where it waits, little where it blocks JavaScript. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { KeptLoad, LoadWindow, type Outcome } from '../helpers/kept-load.js';
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
  return 'hello ' + environ.QUERY_STRING;
}
`;

const HARAKIRI_MS = 2000;
const NEIGHBOURS = 100;
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

interface HangOutcome {
  readonly status: number | 'failed';
  readonly waitMs: number;
}

/** A load of clients of which each asks `everyMs`, where it is answered in time. Outcomes go to `outcomes`. */
function steadyClients(
  port: number,
  count: number,
  everyMs: number,
  outcomes: Outcome[],
): KeptLoad {
  return new KeptLoad({
    target: port,
    connections: count,
    rate: (count * 1000) / everyMs,
    numbered: true,
    onOutcome: (outcome) => void outcomes.push(outcome),
  });
}

/** Right answers to requests that were due from then on. */
const rightSince = (outcomes: readonly Outcome[], from: number): Outcome[] =>
  outcomes.filter(({ status, dueAt }) => status === 200 && dueAt >= from);

function windowOf(name: string, outcomes: readonly Outcome[]): LoadWindow {
  const window = new LoadWindow(name);
  for (const { waitMs } of outcomes) window.add(waitMs);
  return window;
}

/** Sends a request that hangs; resolves with what its client got, and how long that took. */
async function hang(server: Server, path: string): Promise<HangOutcome> {
  const socket = await RawSocket.connect(server.port);
  const begun = performance.now();
  await socket.send(requestFor(path));
  const status = await socket.readResponse().then(
    (response) => response.status,
    () => 'failed' as const,
  );
  socket.close();
  return { status, waitMs: performance.now() - begun };
}

describe('harakiri under constant load', () => {
  for (const mode of MODES) {
    const name = mode.join(' ') || 'loop mode';

    it(`ends a request that never answers, and all ${NEIGHBOURS} neighbours on its worker go on (${name})`, async () => {
      const server = await start(...mode);
      const outcomes: Outcome[] = [];
      const clients = steadyClients(server.port, NEIGHBOURS, 250, outcomes);
      await clients.answered(NEIGHBOURS);
      const stuck = await hang(server, '/never');
      const ended = performance.now();
      await waitUntil('every neighbour to be answered again', () => {
        const answered = rightSince(outcomes, ended).map(({ connection }) => connection);
        return new Set(answered).size === NEIGHBOURS;
      });
      await clients.stop();
      assert.equal(stuck.status, 504);
      assert.ok(stuck.waitMs >= HARAKIRI_MS, `after ${stuck.waitMs} ms`);
      assert.ok(stuck.waitMs <= HARAKIRI_MS + 1000, `after ${stuck.waitMs} ms`);
      assert.deepEqual(clients.complaints(), []);
      assert.doesNotMatch(server.log.text, /HARAKIRI ON WORKER/);
    });

    it(`costs nobody more than a second where a request blocks one of 4 workers (${name})`, async function () {
      this.timeout(60_000);
      const server = await start('--processes', '4', ...mode);
      const outcomes: Outcome[] = [];
      const first = steadyClients(server.port, 32, 100, outcomes);
      await first.answered(600);
      const quiet = windowOf('before', rightSince(outcomes, 0));
      const from = server.log.lines.length;
      const blocked = hang(server, '/block');
      const second = steadyClients(server.port, 16, 100, outcomes);
      const line = await server.log.waitFor(/HARAKIRI ON WORKER/);
      const settled = performance.now() + 2000;
      await server.log.waitFor(/worker \d \(pid: \d+\) is ready/, 30_000, from);
      await waitUntil(
        'answers 2 s after the kill',
        () => rightSince(outcomes, settled).length >= 600,
      );
      await Promise.all([first.stop(), second.stop()]);
      const { status, waitMs } = await blocked;
      const longest = Math.max(waitMs, ...outcomes.map((outcome) => outcome.waitMs));
      const after = windowOf('2 s after the kill', rightSince(outcomes, settled));
      process.stdout.write(`      ${quiet.toString()}\n      ${after.toString()}\n`);
      process.stdout.write(
        `      longest wait of all ${outcomes.length + 1}: ${longest.toFixed(0)} ms\n`,
      );
      assert.ok(longest <= HARAKIRI_MS + 1000, `somebody waited ${longest} ms`);
      const usual = Math.max(3 * quiet.percentile(0.99), 100);
      assert.ok(after.percentile(0.99) <= usual, after.toString());
      assert.match(line.input, /JavaScript blocked for \d\.\d s in: GET \/block /);
      assert.equal(status, mode.length === 0 ? 'failed' : 504);
    });
  }
});
