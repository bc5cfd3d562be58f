/** Files of a server that was started as root and runs as somebody else: at the start, at reopening, at an upgrade. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { upgradedPid } from '../helpers/masters.js';
import { isAlive } from '../helpers/processes.js';
import { skipFor } from '../helpers/programs.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

const APP = `export function application(environ, startResponse) {
  startResponse('200 OK', []);
  return String(process.pid);
}
`;
const USER = 65534;
const DROPPED = ['--uid', String(USER), '--gid', String(USER)];

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** A directory of root's with an application, and in it one of the user's. */
function places(): { readonly app: string; readonly roots: string; readonly users: string } {
  const roots = tempFiles({ 'app.mjs': APP });
  chmodSync(roots, 0o755);
  const users = join(roots, 'users');
  mkdirSync(users);
  chownSync(users, USER, USER);
  return { app: join(roots, 'app.mjs'), roots, users };
}

/** The new master, when the old one is gone. */
async function upgraded(server: Server, master = server.pid): Promise<number> {
  const heir = await upgradedPid(server, master);
  await waitUntil('the old master to end', () => !isAlive(master));
  return heir;
}

describe('a server that gave up root', () => {
  before(function () {
    if (process.getuid?.() !== 0) skipFor(this, 'only root can drop privileges');
  });

  it('writes its pidfile again where it may not open it: for the letter P, after upgrades', async () => {
    const { app, roots, users } = places();
    const [pidfile, fifo] = [join(roots, 'a.pid'), join(users, 'fifo')];
    const server = await startServer([
      ...['--master', '--wsgi-file', app, ...DROPPED, '--pidfile', pidfile, '--master-fifo', fifo],
    ]);
    writeFileSync(pidfile, 'lost');
    appendFileSync(fifo, 'P');
    await waitUntil('the pid to be back', () => read(pidfile) === `${server.pid}\n`);
    const heir = await upgraded(server);
    assert.equal(read(pidfile), `${heir}\n`);
    const next = await upgraded(server, heir);
    assert.equal(read(pidfile), `${next}\n`);
    assert.equal(statSync(pidfile).uid, 0);
    process.kill(next, 'SIGTERM');
    await server.log.waitFor(/VACUUM: pidfile .*a\.pid stays: permission denied/);
  });
});
