import assert from 'node:assert/strict';
import { processTitle, type ProcessRole } from '../../../src/config/process-title.js';
import { resolveConfig } from '../../../src/config/resolve.js';
import { fakeHost } from './fake-host.js';

const MASTER: ProcessRole = { kind: 'master' };
const WORKER: ProcessRole = { kind: 'worker', id: 2 };

function titles(...argv: string[]): (string | undefined)[] {
  const complete = ['--http-socket', ':0', '--wsgi-file', 'a.ts', ...argv];
  const { config } = resolveConfig({ argv: complete, env: {}, host: fakeHost(1) });
  return [processTitle(config, MASTER), processTitle(config, WORKER)];
}

describe('names of processes', () => {
  for (const [argv, master, worker] of [
    [[], undefined, undefined],
    [['--auto-procname'], 'tsuwsgi master', 'tsuwsgi worker 2'],
    [['--procname', 'shop'], 'shop', 'shop'],
    [['--procname-master', 'shop'], 'shop', 'tsuwsgi worker 2'],
    [['--procname', 'a', '--procname-master', 'b'], 'b', 'a'],
    [['--procname-prefix', 'shop-'], 'shop-tsuwsgi master', 'shop-tsuwsgi worker 2'],
    [['--procname-prefix-spaced', 'shop'], 'shop tsuwsgi master', 'shop tsuwsgi worker 2'],
    [['--procname-append', ' (x)'], 'tsuwsgi master (x)', 'tsuwsgi worker 2 (x)'],
  ] as const) {
    it(argv.join(' ') || 'stay as they are', () =>
      assert.deepEqual(titles(...argv), [master, worker]),
    );
  }
});
