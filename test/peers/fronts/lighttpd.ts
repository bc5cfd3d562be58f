/** lighttpd, which speaks uwsgi through mod_scgi. */
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { execFileSync } from 'node:child_process';
import type { Server } from '../../helpers/server.js';
import { FRONT_USER, isRoot, type Place, type Target } from '../place.js';
import { startProgram } from '../program.js';

function lighttpdAddress(target: Target): string {
  return target.kind === 'tcp'
    ? `"host" => "${target.host}", "port" => ${target.port}`
    : `"socket" => "${target.path}"`;
}

function configuration({ directory, port, target }: Place): string {
  const user = isRoot()
    ? [`server.username = "${FRONT_USER}"`, `server.groupname = "${FRONT_USER}"`]
    : [];
  return [
    `server.bind = "127.0.0.1"`,
    `server.port = ${port}`,
    `server.document-root = "${directory}/empty"`,
    `server.upload-dirs = ( "${directory}/uploads" )`,
    'server.modules = ( "mod_scgi" )',
    // Without it a whole answer is kept before the client gets the first byte.
    'server.stream-response-body = 2',
    ...user,
    'scgi.protocol = "uwsgi"',
    'scgi.server = ( "/" => (( ' + lighttpdAddress(target) + ',',
    '  "check-local" => "disable", "fix-root-scriptname" => "enable" )) )',
    '',
  ].join('\n');
}

/** It keeps bodies of requests in files, which its user must be able to make. */
function makeUploads(directory: string): void {
  const uploads = join(directory, 'uploads');
  mkdirSync(uploads);
  if (!isRoot() || userInfo().username === FRONT_USER) return;
  const uid = Number(execFileSync('id', ['-u', FRONT_USER], { encoding: 'utf8' }));
  chownSync(uploads, uid, -1);
}

export async function startLighttpd(place: Place): Promise<Server> {
  const { directory, port } = place;
  mkdirSync(join(directory, 'empty'));
  makeUploads(directory);
  const file = join(directory, 'lighttpd.conf');
  writeFileSync(file, configuration(place));
  return startProgram('lighttpd', ['-D', '-f', file], {
    cwd: directory,
    ready: { kind: 'tcp', host: '127.0.0.1', port },
  });
}
