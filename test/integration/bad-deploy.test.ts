/** New code that does not work: the old workers stay, whatever was to bring it, and the operator is told why. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { KeptLoad } from '../helpers/kept-load.js';
import { readAll } from '../helpers/read-all.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const GOOD = `export const application = (environ, startResponse) => {
  startResponse('200 OK', []);
  return 'old code';
};
`;

interface Defect {
  readonly name: string;
  readonly source: string;
  /** What the log has to tell. */
  readonly error: RegExp;
}

const DEFECTS: readonly Defect[] = [
  {
    name: 'a syntax error',
    source: 'export const application = (',
    error: /syntax error in \S*app\.mjs/,
  },
  {
    name: 'a missing module',
    source: `import './not-there.mjs';\n${GOOD}`,
    error: /not-there\.mjs/,
  },
  {
    name: 'code that is never ready',
    source: 'await new Promise(() => setInterval(() => {}, 1000));',
    error: /not ready within --boot-timeout \(2 s\)/,
  },
];

interface Order {
  readonly name: string;
  readonly give: (server: Server, at: (name: string) => string) => void;
  /** The line that says that it failed. */
  readonly failed: RegExp;
  readonly event: string;
  /** The reason in its record, where that is not the defect itself. */
  readonly reason?: RegExp;
}

const ORDERS: readonly Order[] = [
  {
    name: 'SIGHUP',
    give: (server) => server.kill('SIGHUP'),
    failed: /reload failed: .*2 worker\(s\) go on with the code they have/,
    event: 'replacement-failed',
  },
  {
    name: 'a chain reload',
    give: (_server, at) => writeFileSync(at('fifo'), 'c'),
    failed: /reload failed: .*2 worker\(s\) go on with the code they have/,
    event: 'replacement-failed',
  },
  {
    name: '--touch-reload',
    give: (_server, at) => writeFileSync(at('touched'), ''),
    failed: /reload failed: .*2 worker\(s\) go on with the code they have/,
    event: 'replacement-failed',
  },
  {
    name: 'an upgrade',
    give: (server) => server.kill('SIGUSR2'),
    failed: /upgrade failed: the new master did not become ready/,
    event: 'upgrade-failed',
    // All that a master knows of another one; the log has what that one said.
    reason: /it ended with (exit code \d+|SIGKILL)$/,
  },
];

interface Statistics {
  readonly events: readonly { readonly event: string; readonly reason?: string }[];
}

describe('a deploy that does not work', () => {
  for (const { name, give, failed, event, reason } of ORDERS) {
    it(`${name}: the old workers stay, and log and statistics say why`, async function () {
      this.timeout(120_000);
      const directory = tempFiles({ 'app.mjs': GOOD });
      const at = (file: string): string => join(directory, file);
      const server = await startServer([
        ...['--processes', '2', '-L', '--boot-timeout', '2', '--master-fifo', at('fifo')],
        ...['--touch-reload', at('touched'), '--stats', at('stats'), '--wsgi-file', at('app.mjs')],
      ]);
      const pids = server.workers().map(({ pid }) => pid);
      const load = new KeptLoad({ target: server.port, connections: 8, rate: 30 });
      await load.answered(10);
      for (const [index, { name: defect, source, error }] of DEFECTS.entries()) {
        writeFileSync(at('app.mjs'), source);
        const from = server.log.lines.length;
        give(server, at);
        await server.log.waitFor(error, 30_000, from);
        await server.log.waitFor(failed, 60_000, from);
        assert.equal((await get(server.port, '/')).text, 'old code', defect);
        const { events } = JSON.parse(await readAll(at('stats'))) as Statistics;
        const told = events.filter((entry) => entry.event === event);
        assert.equal(told.length, index + 1, `${defect}: ${JSON.stringify(events)}`);
        assert.match(told.at(-1)?.reason ?? '', reason ?? error);
      }
      await load.stop();
      assert.deepEqual(load.complaints(), []);
      await waitUntil('the old workers alone', () => server.workers().length === 2);
      assert.deepEqual(
        server.workers().map(({ pid }) => pid),
        pids,
      );
      writeFileSync(at('app.mjs'), GOOD.replace('old', 'new'));
      server.kill('SIGHUP');
      await server.log.waitFor(/graceful reload complete/);
      assert.equal((await get(server.port, '/')).text, 'new code');
    });
  }
});
