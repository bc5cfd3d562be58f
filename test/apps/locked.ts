/**
 * Holds lock 0: while it is loaded where the file LOCKED exists, for which it says its master's pid there; and for requests
 * of `/hold`, which are never answered in full.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { lock, masterPid, tryLock, unlock, withLock, type Application } from 'tsuwsgi-native';

const forEver = (): Promise<never> => new Promise(() => setInterval(() => undefined, 60_000));
const file = process.env['LOCKED'];

if (file !== undefined && existsSync(file)) {
  await lock(0);
  writeFileSync(file, String(masterPid()));
  await forEver();
}

async function* held(): AsyncGenerator<string> {
  await lock(0);
  yield 'held';
  await forEver();
}

function tried(): string {
  const got = tryLock(0);
  if (got) unlock(0);
  return got ? 'free' : 'taken';
}

export const application: Application = (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  if (environ.PATH_INFO === '/hold') return held();
  if (environ.PATH_INFO === '/try') return tried();
  return withLock(0, () => 'got it');
};
