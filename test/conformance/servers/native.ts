import { fileURLToPath } from 'node:url';
import { startServer } from '../../helpers/server.js';
import { LOG_VARIABLE } from './behaviour.js';
import { LIMITS, type ServerUnderTest } from './server.js';

export type Mode = 'loop' | 'pool';

export interface NativeServer extends ServerUnderTest {
  readonly pid: number;
}

const APPLICATION = fileURLToPath(new URL('wsgi-application.ts', import.meta.url));

/** Starts this server from the built command line, with one worker. */
export async function startNative(
  log: string,
  mode: Mode,
  more: readonly string[] = [],
): Promise<NativeServer> {
  const args = [...options(), '--threads', mode === 'pool' ? '2' : '1', ...more];
  const server = await startServer(args, { env: { [LOG_VARIABLE]: log } });
  return {
    kind: 'native',
    pid: server.pid,
    title: `tsuwsgi-native (${mode})`,
    address: { host: '127.0.0.1', port: server.port },
    log,
    async stop() {
      await server.stop();
    },
  };
}

function options(): string[] {
  return [
    ['--wsgi-file', APPLICATION],
    ['--buffer-size', String(LIMITS.headBytes)],
    ['--limit-post', String(LIMITS.bodyBytes)],
    ['--header-timeout', String(LIMITS.headerTimeoutMs / 1000)],
    ['--body-timeout', String(LIMITS.bodyTimeoutMs / 1000)],
    ['--keepalive-timeout', String(LIMITS.keepAliveTimeoutMs / 1000)],
    ['--disable-logging'],
  ].flat();
}
