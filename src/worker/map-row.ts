import { closeSync } from 'node:fs';
import type { NativeAddon } from '../binding/native.js';
import { BOARD_FORM } from '../ipc/scoreboard-layout.js';
import { ScoreboardRow, scoreboardBytes } from '../ipc/scoreboard.js';
import type { StartMessage } from '../ipc/messages.js';
import { otherVersion } from './other-version.js';

/**
 * This worker's row of the scoreboard; the descriptor is not needed any more then. Throws an AppLoadError where the
 * master's version has other places in it: the rows of other workers could be there.
 */
export function mapRow(
  { fd, form, rows, loops, row }: NonNullable<StartMessage['scoreboard']>,
  addon: Pick<NativeAddon, 'mapSharedMemory'>,
): ScoreboardRow {
  if (form !== BOARD_FORM) throw otherVersion('statistics');
  const memory = addon.mapSharedMemory(fd, scoreboardBytes(rows, loops));
  closeSync(fd);
  return new ScoreboardRow(memory, row, loops);
}
