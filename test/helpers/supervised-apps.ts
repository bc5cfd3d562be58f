/** Applications for tests of the master: what they do depends on the path, so that one file serves many tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFiles } from './temp-dir.js';

/** As a string literal: the applications lie in other directories. */
export const FILE_PRESENT = JSON.stringify(
  new URL('../apps/file-present.mjs', import.meta.url).href,
);

const PATHS = `
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { filePresent } from ${FILE_PRESENT};

const shell = (script) => spawnSync('sh', ['-c', script], { cwd: here, encoding: 'utf8' }).stdout;
const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const present = (name) => filePresent(join(here, name));

const paths = {
  '/pid': () => String(process.pid),
  '/echo': (query) => process.pid + ' ' + query,
  '/until-told': async () => { await present('told'); return String(process.pid); },
  '/never': () => new Promise(() => setInterval(() => {}, 1000)),
  '/block': () => { for (;;); },
  '/exit': () => process.exit(9),
  '/child-fds': () => shell('ls -l /proc/self/fd'),
  '/orphan': () => shell('(while [ ! -e told ]; do sleep 0.01; done) >/dev/null 2>&1 & echo done'),
  '/throw-later': () => { setImmediate(() => { throw new Error('nobody catches this'); }); return 'ok'; },
};

export async function application(environ, startResponse) {
  const body = await paths[environ.PATH_INFO](environ.QUERY_STRING);
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [body];
}
`;

/** Boots at once the first time; every further worker waits in boot until \`allowed\` is there. */
const SLOW_REBOOT = `
import { openSync } from 'node:fs';
const first = () => { try { openSync(join(here, 'booted-' + count), 'wx'); return true; } catch { return false; } };
let count = 0;
while (count < Number(process.env.QUICK_BOOTS) && !first()) count += 1;
if (count >= Number(process.env.QUICK_BOOTS)) await present('allowed');
`;

export interface AppFiles {
  /** Path of the module. */
  readonly path: string;
  readonly directory: string;
  /** Makes a file that requests (`told`) or boots (`allowed`) wait for. */
  signal(name: 'told' | 'allowed'): void;
}

function write(source: string): AppFiles {
  const directory = tempFiles({ 'app.mjs': source });
  return {
    path: join(directory, 'app.mjs'),
    directory,
    signal: (name) => writeFileSync(join(directory, name), ''),
  };
}

/**
 * `/pid`, `/echo` (pid and query string), `/until-told`, `/never`, `/block`, `/exit`, `/throw-later`; `/child-fds` lists the descriptors of a child
 * process, `/orphan` leaves one behind that ends at the signal `told`.
 */
export function pathsApp(): AppFiles {
  return write(PATHS);
}

/** The same; with `QUICK_BOOTS=n` in its environment the n+1st worker and all later ones wait in boot. */
export function slowRebootApp(): AppFiles {
  return write(PATHS + SLOW_REBOOT);
}

/** A module with this source instead of an application. */
export function brokenApp(source: string): AppFiles {
  return write(source);
}
