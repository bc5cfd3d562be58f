import assert from 'node:assert/strict';
import { CommandDesk, type DeskOptions } from '../../../../src/supervisor/commands/command-desk.js';
import {
  COMMANDS,
  commandOfLetter,
  type MasterCommand,
} from '../../../../src/supervisor/commands/master-commands.js';
import { Readiness } from '../../../../src/supervisor/readiness.js';
import { SIGNALS } from '../../../../src/supervisor/commands/signals.js';
import { onCleanup } from '../../../helpers/cleanup.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { Records } from '../master-scene.js';

interface Scene {
  readonly desk: CommandDesk;
  readonly done: string[];
  /** How a new master was told to end. */
  readonly heir: string[];
  readonly readiness: Readiness;
}

function scene(options: Partial<DeskOptions['config']> = {}, wrongOptions = false): Scene {
  const done: string[] = [];
  const heir: string[] = [];
  const readiness = new Readiness();
  readiness.start();
  const note =
    (what: string) =>
    (...words: string[]): void =>
      void done.push([what, ...words].join(' '));
  const server = {
    stopping: false,
    perform(command: MasterCommand, reason: string): void {
      done.push(`${command} ${reason}`);
      this.stopping ||= command.startsWith('stop');
    },
  };
  const desk = new CommandDesk({
    config: { stopDelay: 0, exitOnReload: false, ...options },
    server,
    readiness,
    log: { logger: new Records(), hasFiles: true, reopen: note('reopen'), rotate: note('rotate') },
    stopAnnounced: note('announced'),
    stopHeir: (now) => heir.push(now ? 'now' : 'gracefully'),
    rereadOptions: () => !wrongOptions,
    writePidfiles: note('pidfiles'),
    upgrade: note('upgrade'),
    countWorkers: note('count'),
  });
  onCleanup(() => desk.give('stop-now', 'the end'));
  return { desk, done, heir, readiness };
}

function signal(desk: CommandDesk, name: NodeJS.Signals): void {
  desk.onSignal(SIGNALS.find((row) => row.signal === name) ?? assert.fail(name));
}

describe('commands to the master', () => {
  it('have letters and signals of their own', () => {
    const letters = COMMANDS.flatMap((row) => row.letters.map(({ letter }) => letter));
    const signals = COMMANDS.flatMap((row) => row.signals.map((given) => given.signal));
    assert.equal(new Set(letters).size, letters.length);
    assert.equal(new Set(signals).size, signals.length);
    assert.ok(letters.every((letter) => /^[A-Za-z+-]$/.test(letter)));
  });

  for (const letter of 'BCEfLlpPqQrRsSwWc+-') {
    it(`knows uWSGI's letter ${letter}`, () => {
      assert.notEqual(commandOfLetter(letter), undefined);
    });
  }

  it('go where they are obeyed', () => {
    const { desk, done } = scene();
    const orders = ['reopen-log', 'rotate-log', 'upgrade', 'write-pidfiles', 'pause'] as const;
    for (const order of orders) desk.give(order, 'why');
    assert.deepEqual(done, ['reopen why', 'rotate why', 'upgrade why', 'pidfiles', 'pause why']);
  });

  it('reload nothing where the options are wrong', () => {
    const { desk, done } = scene({}, true);
    signal(desk, 'SIGHUP');
    assert.deepEqual(done, []);
    desk.give('chain-reload', 'c');
    assert.deepEqual(done, ['chain-reload c']);
  });

  it('stop instead of reloading with --exit-on-reload', () => {
    const { desk, done } = scene({ exitOnReload: true });
    signal(desk, 'SIGHUP');
    assert.equal(done.at(-1), 'stop-gracefully SIGHUP received, --exit-on-reload');
  });

  it('are not ready first and stop later with --stop-delay', async () => {
    const { desk, done, readiness } = scene({ stopDelay: 0.05 });
    signal(desk, 'SIGTERM');
    assert.equal(readiness.ready, false);
    assert.deepEqual(done, ['announced SIGTERM received']);
    signal(desk, 'SIGHUP');
    assert.equal(done.at(-1), 'ignore SIGHUP received');
    await waitUntil('the stop', () => done.at(-1) === 'stop-gracefully SIGTERM received');
  });

  it('do not wait any longer when told to stop again', () => {
    const { desk, done, heir } = scene({ stopDelay: 60 });
    signal(desk, 'SIGTERM');
    signal(desk, 'SIGTERM');
    assert.equal(done.at(-1), 'stop-gracefully SIGTERM received');
    signal(desk, 'SIGQUIT');
    assert.deepEqual(heir, ['gracefully', 'gracefully', 'now']);
  });

  it('are few while the server stops', () => {
    const { desk, done } = scene();
    signal(desk, 'SIGTERM');
    desk.give('reload', 'too late');
    assert.equal(done.at(-1), 'ignore too late');
    desk.give('stop-now', 'now');
    assert.equal(done.at(-1), 'stop-now now');
  });
});
