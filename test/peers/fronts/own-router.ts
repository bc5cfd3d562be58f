/** `tsuwsgi-native --http` with nothing but the router: HTTP to clients, uwsgi to a socket elsewhere. */
import { fileURLToPath } from 'node:url';
import type { Server } from '../../helpers/server.js';
import { type Place, targetText } from '../place.js';
import { startProgram } from '../program.js';

const COMMAND = fileURLToPath(new URL('../../../bin/tsuwsgi-native.js', import.meta.url));

export function startOwnRouter({ directory, port, target }: Place): Promise<Server> {
  const address = `127.0.0.1:${port}`;
  const options = ['--http', address, '--http-to', targetText(target), '--disable-logging'];
  return startProgram(process.execPath, [COMMAND, ...options], {
    cwd: directory,
    ready: { kind: 'tcp', host: '127.0.0.1', port },
  });
}
