import { startServer, testApp, type Server, type ServerOptions } from '../helpers/server.js';

const ROUTERS_READY = /\*\*\* all routers are ready/;
const BOUND = /tsuwsgi http bound on (?:.*):(\d+) fd/;
const START_LIMIT_MS = 30_000;

/** A server with `--http` on a free port; waits until routers and workers are ready. */
export async function startRouter(
  args: readonly string[],
  options: ServerOptions = {},
): Promise<Server> {
  const server = await startServer(['--http', '127.0.0.1:0', ...args], {
    ...options,
    ownSockets: true,
    waitForReady: false,
  });
  if (options.waitForReady !== false) await routersReady(server);
  return server;
}

/** Fails at once, with the log, when the server ends before. */
export async function routersReady(server: Server): Promise<void> {
  const early = server.exited.then(() => {
    throw new Error(`the server ended before it was ready\n${server.log.text}`);
  });
  await Promise.race([server.log.waitFor(ROUTERS_READY, START_LIMIT_MS), early]);
}

/** A router in front of workers that run test/apps/routed.ts. */
export function startRouted(
  args: readonly string[] = [],
  options: ServerOptions = {},
): Promise<Server> {
  return startRouter(['--wsgi-file', testApp('routed.ts'), ...args], options);
}

/** Port of the router's socket. */
export function routerPort(server: Server): number {
  const [line] = server.log.matching(BOUND);
  const port = BOUND.exec(line ?? '')?.[1];
  if (port === undefined) throw new Error(`the server has no router\n${server.log.text}`);
  return Number(port);
}

/** Process of the router or worker that was started last in this place. */
export function pidOf(server: Server, role: 'router' | 'worker', id: number): number {
  const spawned = new RegExp(`awned tsuwsgi-native ${role} ${id} \\((?:new )?pid: (\\d+)`);
  const last = server.log.matching(spawned).at(-1);
  const pid = spawned.exec(last ?? '')?.[1];
  if (pid === undefined) throw new Error(`no ${role} ${id} was started\n${server.log.text}`);
  return Number(pid);
}
