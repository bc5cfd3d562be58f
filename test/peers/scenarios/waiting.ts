/** Applications that take their time, and clients that do not. */
import assert from 'node:assert/strict';
import { RawSocket } from '../../helpers/raw-socket.js';
import { ask } from '../client.js';
import type { Notice } from '../peers.js';
import type { Setting } from '../setting.js';
import type { Scenario } from './scenario.js';

const PARALLEL = 200;

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

const slow: Scenario = {
  title: 'a slow application: others are answered before it',
  async run({ port, notes }) {
    const late = ask(port, { path: '/held/slow' });
    await notes.waitForBegun(1, 'slow');
    const quick = await ask(port, { path: '/hello' });
    assert.equal(quick.text, 'hello');
    notes.release();
    const answer = await late;
    assert.deepEqual([answer.status, answer.text], [200, 'slow']);
  },
};

/** Rejects at once where it is answered wrongly, while others are still held. */
async function askFor(port: number, id: string): Promise<void> {
  const { status, text } = await ask(port, { path: `/held/${id}` });
  assert.deepEqual([status, text], [200, id]);
}

/** All of them run at the same time before the first is answered. */
const parallel: Scenario = {
  title: `${PARALLEL} requests at the same time`,
  async run({ port, notes }) {
    const ids = numbered('parallel', PARALLEL);
    const answers = Promise.all(ids.map((id) => askFor(port, id)));
    answers.catch(() => undefined);
    await Promise.race([notes.waitForBegun(PARALLEL, 'parallel'), answers]);
    assert.equal(notes.begun().length, PARALLEL, 'some were answered before all had begun');
    notes.release();
    await answers;
  },
};

function requestTo(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: front.test\r\n\r\n`;
}

async function requireGone({ notes }: Setting, id: string): Promise<void> {
  assert.equal(await notes.waitForAbort(id), 'client-gone');
}

const leavesReading: Scenario = {
  title: "a client that leaves in the middle of an answer: the request's signal fires",
  async run(setting) {
    const socket = await RawSocket.connect(setting.port);
    await socket.send(requestTo('/endless/reading'));
    await socket.readExactly(1 << 20, 'the first megabyte');
    socket.reset();
    await requireGone(setting, 'reading');
  },
};

const leavesWaiting: Scenario = {
  title: 'a client that leaves before the answer begins',
  async run(setting) {
    const socket = await RawSocket.connect(setting.port);
    await socket.send(requestTo('/waiting/early'));
    await setting.notes.waitForBegun(1, 'early');
    socket.reset();
    await requireGone(setting, 'early');
  },
};

/** This peer has nothing to tell until it writes: the request goes on to its end, and nobody is the worse for it. */
const leavesUnnoticed: Scenario = {
  title:
    'a client that leaves before the answer begins: the peer does not say so, the worker is well',
  async run({ port, notes }) {
    const socket = await RawSocket.connect(port);
    await socket.send(requestTo('/held/early'));
    await notes.waitForBegun(1, 'early');
    socket.reset();
    notes.release();
    assert.equal((await ask(port, { path: '/hello' })).text, 'hello');
  },
};

export function waitingScenarios(notice: Notice): Scenario[] {
  return [slow, parallel, leavesReading, notice === 'at once' ? leavesWaiting : leavesUnnoticed];
}
