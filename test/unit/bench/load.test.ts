import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { applyLoad, requireAnswers, type LoadResult } from '../../../bench/load.js';
import { findScenario, type Scenario } from '../../../bench/scenarios.js';
import type { Server } from '../../../bench/server.js';
import { withServer } from '../../../bench/with-server.js';
import { onCleanup } from '../../helpers/cleanup.js';
import { requireProgram } from '../../helpers/programs.js';
import { tempDir } from '../../helpers/temp-dir.js';

function scenario(name: string): Scenario {
  const found = findScenario(name);
  assert.ok(found);
  return found;
}

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

describe('the load of a benchmark', () => {
  it('never sends a varied request twice, not in the next run either', async function () {
    requireProgram(this, 'wrk');
    this.timeout(30_000);
    let requests = 0;
    const targets = new Set<string | undefined>();
    const port = await serve(({ url }, response) => {
      requests++;
      targets.add(url);
      response.end();
    });
    const one = { ...scenario('varied'), connections: 2 };
    const load = { port, scenario: one, seconds: 1, scratch: tempDir(), cpu: undefined };
    await applyLoad(load);
    await applyLoad(load);
    assert.ok(requests > 0);
    assert.equal(targets.size, requests);
  });

  it('is looked at where it is not measured itself', () => {
    const errors = { connect: 0, read: 0, write: 0, status: 0, timeout: 0 };
    const load: LoadResult = { requests: 2, microseconds: 1, bytes: 1, p50: 1, p99: 1, errors };
    assert.equal(requireAnswers(load), load);
    assert.throws(() => requireAnswers({ ...load, requests: 0 }), /no request was answered/);
    assert.throws(
      () => requireAnswers({ ...load, errors: { ...errors, status: 2 } }),
      /wrk counted errors: .*"status":2/,
    );
  });
});

describe('a server of a benchmark that does not start', () => {
  /** Makes an empty one the directory for temporary files until the test has ended. */
  function ownTmpdir(): string {
    const before = process.env['TMPDIR'];
    const directory = tempDir();
    process.env['TMPDIR'] = directory;
    onCleanup(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    return directory;
  }

  function server(file: string, args: readonly string[]): Server {
    return {
      name: 'broken',
      title: 'broken',
      apps: ['hello'],
      missing: () => undefined,
      version: () => undefined,
      command: () => ({ file, args }),
    };
  }

  async function start(file: string, args: readonly string[] = []): Promise<void> {
    const given = { scenario: scenario('hello'), node: process.execPath, payloads: '/' };
    await withServer(server(file, args), given, undefined, () => assert.fail('it was used'));
  }

  it('is one that says why, and leaves nothing behind', async () => {
    const directory = ownTmpdir();
    await assert.rejects(start('/nowhere/to/be/found'), /ENOENT/);
    await assert.rejects(
      start(process.execPath, ['--eval', 'console.log("no licence"); process.exit(3)']),
      /did not start; it printed:\nno licence/,
    );
    assert.deepEqual(readdirSync(directory), []);
  });
});
