import assert from 'node:assert/strict';
import { commandFor, onSignals, SIGNALS } from '../../../../src/supervisor/commands/signals.js';

function commands(signal: NodeJS.Signals): string[] {
  const row = SIGNALS.find((candidate) => candidate.signal === signal);
  assert.ok(row);
  return [commandFor(row, false), commandFor(row, true)];
}

describe('signals of the master', () => {
  it('lists every signal once', () => {
    const names = SIGNALS.map(({ signal }) => signal);
    assert.equal(new Set(names).size, names.length);
  });

  it('gives SIGTERM its modern meaning, and never a kill by repetition', () => {
    assert.deepEqual(commands('SIGTERM'), ['stop-gracefully', 'ignore']);
  });

  it('stops at once at the second SIGINT and the first SIGQUIT', () => {
    assert.deepEqual(commands('SIGINT'), ['stop-gracefully', 'stop-now']);
    assert.deepEqual(commands('SIGQUIT'), ['stop-now', 'stop-now']);
  });

  it('leaves none of its handlers behind, and SIGWINCH to the system', () => {
    const before = SIGNALS.map(({ signal }) => process.listenerCount(signal));
    const off = onSignals(() => undefined);
    SIGNALS.forEach(({ signal }, index) => {
      const more = signal === 'SIGWINCH' ? 0 : 1;
      assert.equal(process.listenerCount(signal), (before[index] ?? 0) + more);
    });
    off();
    assert.deepEqual(
      SIGNALS.map(({ signal }) => process.listenerCount(signal)),
      before,
    );
  });

  it('hands the row of the signal that arrived to its handler', async () => {
    const received = new Promise((resolve) => {
      const off = onSignals((row) => {
        off();
        resolve(row.signal);
      });
    });
    process.kill(process.pid, 'SIGURG');
    assert.equal(await received, 'SIGURG');
  });
});
