import assert from 'node:assert/strict';
import { ScoreboardRow, scoreboardBytes } from '../../../src/ipc/scoreboard.js';
import { Pulse } from '../../../src/worker/pulse.js';
import { onCleanup } from '../../helpers/cleanup.js';

function spend(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('what a worker tells of its event loop', () => {
  it('does not count the loading of the application', () => {
    const row = new ScoreboardRow(new ArrayBuffer(scoreboardBytes(1, 1)), 0, 1);
    const pulse = new Pulse(row, { failures: 0, expired: 0 });
    onCleanup(() => pulse.stop());
    spend(5);
    pulse.start();
    assert.equal(row.get('LOOP_UTILISATION'), 0);
    assert.ok(row.get('HEARTBEAT') > 0 && row.get('HEAP_USED_BYTES') > 0);
    spend(5);
    pulse.beat();
    assert.equal(row.get('LOOP_UTILISATION'), 1);
  });
});
