import assert from 'node:assert/strict';
import { loadAddon } from '../../../src/binding/load.js';
import { BOARD_FORM } from '../../../src/ipc/scoreboard-layout.js';
import { Scoreboard } from '../../../src/supervisor/workers/scoreboard.js';
import { mapRow } from '../../../src/worker/map-row.js';

describe('the scoreboard that a master made', () => {
  it('is written by workers of a version that understands it', () => {
    const addon = loadAddon();
    const { fd, rows, loops } = new Scoreboard(1, 2, addon);
    assert.throws(() => mapRow({ fd, form: BOARD_FORM + 1, rows, loops, row: 0 }, addon), {
      code: 'ERR_TSUWSGI_APP_LOAD',
      message: /keeps statistics in another way .*: upgrade the server \(SIGUSR2\)/,
    });
    const row = mapRow({ fd, form: BOARD_FORM, rows, loops, row: 1 }, addon);
    assert.equal(row.loops().length, 2);
  });
});
