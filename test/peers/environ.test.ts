/** What applications see of a request: here, and in uWSGI behind the same front server. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { requireProgram, skipFor } from '../helpers/programs.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import {
  compare,
  DIFFERENCES,
  QUESTIONS,
  startFront,
  type Difference,
  type Front,
} from './environ.js';
import { missingUwsgiPlugin, startReference } from './fronts/uwsgi.js';
import { PEERS, type Peer } from './peers.js';
import { sharedDirectory, type Target } from './place.js';

describe('the environ behind front servers, beside that of uWSGI', () => {
  const directory = sharedDirectory();
  const here: Target = { kind: 'unix', path: join(directory, 'here.sock') };
  const there: Target = { kind: 'unix', path: join(directory, 'there.sock') };
  const servers: Server[] = [];
  const needed = new Set<Difference>();

  before(async function () {
    requireProgram(this, 'uwsgi');
    const missing = missingUwsgiPlugin('python3');
    if (missing !== undefined) skipFor(this, missing);
    servers.push(await startReference(directory, there));
    const options = ['--socket', here.path, '--chmod-socket=666'];
    servers.push(await startServer([...options, '--wsgi-file', testApp('peer.ts')]));
  });

  after(async () => {
    for (const server of servers) await server.stop();
  });

  for (const peer of PEERS.filter(({ protocol }) => protocol === 'uwsgi')) {
    it(`is the same but for what is listed: ${peer.name}`, async function () {
      const missing = peer.missing();
      if (missing !== undefined) skipFor(this, missing);
      const [ours, reference] = [await startFront(peer, here), await startFront(peer, there)];
      for (const { title, ...question } of questionsFor(peer)) {
        const { explained, unexplained } = compare(
          await ours.environOf(question),
          await reference.environOf(question),
        );
        assert.deepEqual(unexplained, [], title);
        for (const row of explained) needed.add(row);
      }
      await stopBoth(ours, reference);
    });
  }

  it('lists no difference that is none', function () {
    if (needed.size === 0 || PEERS.some((peer) => peer.missing() !== undefined))
      skipFor(this, 'not every front server is installed');
    const idle = DIFFERENCES.filter((row) => !needed.has(row));
    assert.deepEqual(
      idle.map(({ key }) => key),
      [],
    );
  });
});

function questionsFor({ chunks }: Peer) {
  return QUESTIONS.filter(({ chunked }) => chunked !== true || chunks !== 'refused');
}

async function stopBoth(...fronts: readonly Front[]): Promise<void> {
  for (const front of fronts) await front.stop();
}
