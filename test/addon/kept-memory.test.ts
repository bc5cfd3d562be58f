import assert from 'node:assert/strict';
import { closeSync, fstatSync } from 'node:fs';
import { createApplicationMemory } from '../../src/binding/application-memory.js';
import { loadAddon } from '../../src/binding/load.js';
import type { KeptMemory } from '../../src/startup/inheritance.js';
import { keptMemory } from '../../src/supervisor/kept-memory.js';

const addon = loadAddon();
const plan = { locks: 2, caches: [] };

describe('locks and caches that a running server left', () => {
  const log: string[] = [];
  const write = (message: string): void => void log.push(message);
  const logger = { fact: write, info: write, warn: write, error: write };

  /** Memory whose lock 1 is held. */
  function left(changes: Partial<KeptMemory> = {}): KeptMemory {
    const { fd, memory } = createApplicationMemory(plan, addon);
    assert.ok(memory.locks.tryLock(1, process.pid));
    return { fd, layout: addon.memoryLayout, plan, ...changes };
  }

  afterEach(() => {
    log.length = 0;
  });

  it('go on where they are configured alike and lie alike in memory', () => {
    const kept = keptMemory(left(), plan, addon, logger);
    assert.ok(kept !== undefined);
    closeSync(kept.fd);
    assert.equal(kept.memory.locks.holder(1), process.pid);
    assert.equal(log.length, 0);
  });

  for (const [why, changes] of [
    ['configured in another way', { plan: { locks: 3, caches: [] } }],
    ['this version keeps them in another way', { layout: addon.memoryLayout + 1 }],
  ] as const) {
    it(`are closed where they are not: ${why}`, () => {
      const memory = left(changes);
      assert.equal(keptMemory(memory, plan, addon, logger), undefined);
      assert.throws(() => fstatSync(memory.fd), { code: 'EBADF' });
      assert.ok(log.join().includes(why));
    });
  }
});
