/** Uses the package's functions; what it does depends on the path. Jobs run where FUNCTIONS_LOG names a file. */
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  addCron,
  addTimer,
  cache,
  CacheError,
  currentRequest,
  every,
  lock,
  log,
  masterPid,
  mode,
  namedCache,
  numProc,
  onDrain,
  options,
  registerSignal,
  reload,
  requestId,
  setHarakiri,
  signal,
  stop,
  tryLock,
  unlock,
  withLock,
  workerId,
  workers,
  type Application,
} from 'tsuwsgi-native';

const required = createRequire(import.meta.url)('tsuwsgi-native') as {
  readonly workerId: typeof workerId;
  readonly cache: typeof cache;
};

const file = process.env['FUNCTIONS_LOG'];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const note = (text: string): void => {
  if (file !== undefined) appendFileSync(file, `${text} ${workerId()} ${process.pid}\n`);
};

registerSignal(1, 'workers', () => note('signal'));
registerSignal(2, 'worker', () => note('timer'));
if (file !== undefined) {
  addTimer(2, 0.2);
  addCron(1, 0, 0, 31, 2, -1);
  every(0.1, () => note('job'), { name: 'job' });
}
onDrain(async () => {
  note('draining');
  await pause(5);
  note('drained');
});

async function excluded(path: string): Promise<string> {
  return withLock(1, async () => {
    const busy = cache.inc('inside');
    await pause(1);
    cache.dec('inside');
    return busy === 1 ? 'alone' : `${path}: ${busy} at a time`;
  });
}

const PATHS: Readonly<Record<string, (query: string) => unknown>> = {
  '/facts': () => ({
    workerId: workerId(),
    required: required.workerId(),
    masterPid: masterPid(),
    pid: process.pid,
    numProc: numProc(),
    mode: mode(),
    processes: options()['processes'],
    frozen: Object.isFrozen(options()),
  }),
  '/workers': () => workers(),
  '/request': async () => {
    const before = requestId();
    await pause(1);
    return [before, requestId(), currentRequest()?.environ['tsuwsgi.request_id']];
  },
  '/inc': () => cache.inc('n'),
  '/num': () => required.cache.num('n'),
  '/set': (query) => cache.set('key', query),
  '/get': () => [cache.getText('key'), namedCache('second').getText('key')],
  '/big': () => {
    try {
      cache.set('big', 'x'.repeat(5000));
      return 'no error';
    } catch (error) {
      return error instanceof CacheError ? error.code : 'another error';
    }
  },
  '/missing': () => namedCache('third').get('key'),
  '/excluded': excluded,
  '/hold': async () => {
    await lock(2);
    return process.pid;
  },
  '/try': () => {
    const got = tryLock(2);
    if (got) unlock(2);
    return got;
  },
  '/waits': () => withLock(2, () => 'got it'),
  '/signal': () => signal(1),
  '/reload': () => reload('the tests say so'),
  '/stop': () => stop(),
  '/log': () => log('a line from the application', 'warn'),
  '/late': async () => {
    setHarakiri(0.1);
    await new Promise(() => undefined);
  },
};

export const application: Application = async (environ, startResponse) => {
  const answer = await PATHS[environ.PATH_INFO]?.(environ.QUERY_STRING);
  startResponse('200 OK', [['Content-Type', 'application/json']]);
  return JSON.stringify(answer ?? null);
};
