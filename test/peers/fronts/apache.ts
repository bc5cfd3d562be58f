/** Apache httpd with mod_proxy_uwsgi, its files in the directory of the test. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../../helpers/server.js';
import { FRONT_USER, isRoot, type Place, type Target } from '../place.js';
import { startProgram } from '../program.js';

export const APACHE_MODULES = '/usr/lib/apache2/modules';

const MODULES = ['mpm_event', 'authz_core', 'proxy', 'proxy_uwsgi'];

export function missingApacheModule(): string | undefined {
  const missing = MODULES.find((name) => !existsSync(join(APACHE_MODULES, `mod_${name}.so`)));
  return missing === undefined ? undefined : `mod_${missing} of Apache is not installed`;
}

/** What is held at a time occupies a thread each: more of them than the scenarios have parallel requests. */
function configuration({ directory, port, target }: Place): string {
  const user = isRoot() ? [`User ${FRONT_USER}`, `Group ${FRONT_USER}`] : [];
  return [
    `ServerRoot ${directory}`,
    'ServerName front.test',
    `Listen 127.0.0.1:${port}`,
    `PidFile ${directory}/httpd.pid`,
    `DefaultRuntimeDir ${directory}`,
    `ErrorLog ${directory}/error.log`,
    'Mutex sem',
    ...user,
    ...MODULES.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`),
    'StartServers 1',
    'ServerLimit 4',
    'ThreadsPerChild 64',
    'MaxRequestWorkers 256',
    `ProxyPass / ${apacheAddress(target)}`,
    '',
  ].join('\n');
}

function apacheAddress(target: Target): string {
  return target.kind === 'tcp'
    ? `uwsgi://${target.host}:${target.port}/`
    : `unix:${target.path}|uwsgi://localhost/`;
}

export async function startApache(place: Place): Promise<Server> {
  const { directory, port } = place;
  const file = join(directory, 'httpd.conf');
  writeFileSync(file, configuration(place));
  return startProgram('apache2', ['-d', directory, '-f', file, '-DFOREGROUND'], {
    cwd: directory,
    ready: { kind: 'tcp', host: '127.0.0.1', port },
  });
}
