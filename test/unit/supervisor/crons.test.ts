import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CronSetting } from '../../../src/config/cron-settings.js';
import { Crons } from '../../../src/supervisor/crons.js';
import { tempDir } from '../../helpers/temp-dir.js';
import { waitUntil } from '../../helpers/wait-until.js';

const NEVER = { minute: 0, hour: 0, day: 31, month: 2, weekday: -1 };

function setting(command: string, changes: Partial<CronSetting> = {}): CronSetting {
  return { time: NEVER, command, unique: false, limitSeconds: 0, ...changes };
}

describe('cron commands', () => {
  let log: string[] = [];
  let crons: Crons;

  function start(...settings: CronSetting[]): void {
    log = [];
    const write = (message: string): void => void log.push(message);
    crons = new Crons(settings, { fact: write, info: write, warn: write, error: write });
    crons.start();
  }

  const ended = (): Promise<unknown> => waitUntil('the end', () => crons.pids().length === 0);

  afterEach(() => crons.stop(1000));

  it('run in a shell, and say how they failed', async () => {
    const file = join(tempDir(), 'out');
    start(setting(`echo "$((1 + 1))" > ${file}`), setting('exit 3'));
    crons.run('0');
    await ended();
    assert.equal(readFileSync(file, 'utf8'), '2\n');
    assert.equal(log.length, 1);
    crons.run('1');
    await ended();
    assert.match(log.at(-1) ?? '', /"exit 3" \(pid \d+\) ended: exit code 3/);
  });

  it('do not run twice at a time where they are unique', async () => {
    const directory = tempDir();
    const wait = `while [ ! -e ${directory}/told ]; do sleep 0.01; done`;
    start(setting(wait, { unique: true }), setting(wait));
    for (const key of ['0', '0', '1', '1']) crons.run(key);
    assert.equal(crons.pids().length, 3);
    assert.match(log.join('\n'), /is due and still runs \(pid \d+\): not started a second time/);
    writeFileSync(join(directory, 'told'), '');
    await ended();
  });

  it('tell which of them runs, and since when', async () => {
    const told = join(tempDir(), 'told');
    start(setting(`while [ ! -e ${told} ]; do sleep 0.01; done`), setting('true'));
    const before = Date.now();
    crons.run('0');
    const [running, other] = crons.facts();
    assert.deepEqual([running?.pid], crons.pids());
    assert.ok((running?.startedAt ?? 0) >= before);
    assert.deepEqual([other?.setting.command, other?.pid, other?.startedAt], ['true', 0, 0]);
    writeFileSync(told, '');
    await ended();
    assert.deepEqual([crons.facts()[0]?.pid, crons.facts()[0]?.startedAt], [0, 0]);
  });

  it('are killed with all they started when their time is over', async () => {
    start(setting('sleep 600 & wait', { limitSeconds: 0.05 }));
    crons.run('0');
    await ended();
    assert.match(log.join('\n'), /ran for 0.05 s \(harakiri=0.05\): killed/);
    assert.match(log.at(-1) ?? '', /ended: SIGKILL/);
  });

  it('end with the server', async () => {
    const file = join(tempDir(), 'started');
    start(setting(`trap 'exit 0' TERM; touch ${file}; sleep 600 & wait`));
    crons.run('0');
    await waitUntil('the trap', () => existsSync(file));
    await crons.stop(60_000);
    assert.deepEqual(crons.pids(), []);
    assert.equal(log.length, 2);
    assert.match(log[1] ?? '', /is told to end, and has 60 s for it/);
  });
});
