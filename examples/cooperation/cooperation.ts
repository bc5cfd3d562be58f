/**
 * Workers that work together, by the functions of the package: they count in one cache, make an expensive report once for
 * all, and let one of them report every minute. Try:
 *
 *     tsuwsgi-native --http-socket :9090 --processes 4 --cache2 name=shared,items=1000 \
 *         --wsgi-file examples/cooperation/cooperation.ts
 *     curl localhost:9090/ localhost:9090/report localhost:9090/workers
 */
import { setTimeout as passed } from 'node:timers/promises';
import {
  cache,
  every,
  log,
  onDrain,
  requestId,
  withLock,
  workerId,
  workers,
  type Application,
} from 'tsuwsgi-native';

const REPORT_SECONDS = 10;

/** In one worker of all, once a minute. */
every(60, () => log(`${cache.num('visits')} visits so far`), { name: 'visits' });

onDrain(() => log(`worker ${workerId()} leaves`));

function visit(): string {
  return `visit ${cache.inc('visits')}, answered by worker ${workerId()} as request ${requestId() ?? ''}\n`;
}

/** Whoever comes first makes it. Others wait for the lock without blocking their worker, and find it in the cache. */
async function report(): Promise<string> {
  return withLock(0, async () => {
    const known = cache.getText('report');
    if (known !== undefined) return known;
    await passed(100); // what takes long
    const made = `report ${cache.inc('reports')}, made by worker ${workerId()}\n`;
    cache.set('report', made, { expires: REPORT_SECONDS });
    return made;
  });
}

/** Needs the master, which knows all workers. */
function table(): string {
  const lines = workers().map(({ id, pid, state, requests }) =>
    [id, pid, state, `${requests} requests`].join('\t'),
  );
  return `${lines.join('\n')}\n`;
}

const pages = new Map<unknown, () => string | Promise<string>>([
  ['/', visit],
  ['/report', report],
  ['/workers', table],
]);

export const application: Application = async (environ, startResponse) => {
  const page = pages.get(environ.PATH_INFO);
  const body = page === undefined ? 'not found\n' : await page();
  const status = page === undefined ? '404 Not Found' : '200 OK';
  startResponse(status, [['Content-Type', 'text/plain']]);
  return body;
};
