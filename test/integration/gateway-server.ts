import { get } from '../helpers/get.js';
import { startServer, testApp, type Server, type ServerOptions } from '../helpers/server.js';
import { waitUntil } from '../helpers/wait-until.js';

export interface GatewayState {
  readonly produced: number;
  readonly closed: number;
  readonly finished: number;
  readonly aborted: string;
}

/** Arguments for both ways to run an I/O loop. */
export const MODES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['loop mode', []],
  ['pool mode', ['--threads', '2']],
];

/** A server that runs test/apps/gateway.ts. */
export function startGateway(
  args: readonly string[],
  options: ServerOptions = {},
): Promise<Server> {
  return startServer(['--wsgi-file', testApp('gateway.ts'), ...args], options);
}

export async function textOf(server: Server, path: string): Promise<string> {
  return (await get(server.port, path)).text;
}

export async function stateOf(server: Server): Promise<GatewayState> {
  return JSON.parse(await textOf(server, '/state')) as GatewayState;
}

export function waitForState(
  server: Server,
  what: string,
  reached: (state: GatewayState) => boolean,
): Promise<GatewayState> {
  return waitUntil(what, async () => {
    const state = await stateOf(server);
    return reached(state) ? state : undefined;
  });
}
