/** uWSGI's own programs: its two routers in front of a socket, and its Python server as the reference. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../../helpers/server.js';
import { type Place, sharedDirectory, type Target, targetText } from '../place.js';
import { startProgram } from '../program.js';
import { type Behind, WORKERS } from '../setting.js';
import { startNginxUwsgi } from './nginx.js';

const PLUGINS = '/usr/lib/uwsgi/plugins';

export function missingUwsgiPlugin(name: string): string | undefined {
  const file = join(PLUGINS, `${name}_plugin.so`);
  return existsSync(file) ? undefined : `the plugin ${name} of uWSGI is not installed`;
}

/** Its usual accept queue of 100 is too short for what comes at a time: on a UNIX socket that is an error at once. */
const QUIET = ['--master', '--die-on-term', '--disable-logging', '--listen', '1024'];

function startRouter(
  plugin: string,
  listen: Target,
  { directory, target }: Place,
): Promise<Server> {
  const options = [`--${plugin}`, targetText(listen), `--${plugin}-to`, targetText(target)];
  return startProgram('uwsgi', ['--plugins', plugin, ...options, ...QUIET, '--chmod-socket=666'], {
    cwd: directory,
    ready: listen,
  });
}

export function startHttpRouter(place: Place): Promise<Server> {
  return startRouter('http', { kind: 'tcp', host: '127.0.0.1', port: place.port }, place);
}

/** Speaks uwsgi on both sides, so that nginx is in front of it. */
export async function startFastRouter(place: Place): Promise<Server[]> {
  const between: Target = { kind: 'unix', path: join(place.directory, 'fastrouter.sock') };
  const router = await startRouter('fastrouter', between, place);
  const directory = sharedDirectory();
  const front = await startNginxUwsgi({ directory, port: place.port, target: between });
  return [front, router];
}

const APPLICATION = new URL('../reference_app.py', import.meta.url).pathname;

/** uWSGI with a Python application that answers with its environ. */
export function startReference(directory: string, target: Target): Promise<Server> {
  const options = ['--socket', targetText(target), '--chmod-socket=666', '--buffer-size', '32768'];
  const application = ['--plugins', 'python3', '--need-app', '--wsgi-file', APPLICATION];
  return startProgram('uwsgi', [...application, ...options, ...QUIET], {
    cwd: directory,
    ready: target,
  });
}

const PEER_APPLICATION = new URL('../peer_app.py', import.meta.url).pathname;

/** More than the scenarios hold at a time: in uWSGI each occupies a thread. */
const THREADS = 120;

/** uWSGI with the scenarios' application in Python. */
export function startPython({ target, notes }: Behind): Promise<Server> {
  const application = ['--plugins', 'python3', '--need-app', '--wsgi-file', PEER_APPLICATION];
  const workers = ['--processes', String(WORKERS), '--threads', String(THREADS)];
  const socket = ['--socket', targetText(target), '--chmod-socket=666'];
  return startProgram('uwsgi', [...application, ...workers, ...socket, ...QUIET], {
    cwd: notes,
    env: { PEER_DIRECTORY: notes },
    ready: target,
  });
}
