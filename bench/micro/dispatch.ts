/**
 * What the gateway's own JavaScript costs per request, without sockets: batches are played into a
 * Dispatcher from memory.
 *
 *     node --import tsx bench/micro/dispatch.ts [batch size [case]]
 *
 * With a case, and `--cpu-prof`, it shows where the time goes.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { wrapFile } from '../../src/worker/gateway/file-body.js';
import { Dispatcher } from '../../src/worker/gateway/dispatcher.js';
import { serveApplication } from '../../src/worker/gateway/serve-application.js';
import type { Application } from '../../src/app/types.js';
import {
  constants,
  environKeys,
  FakeCore,
  type FakeRequest,
} from '../../test/unit/worker/fake-core.js';

const BROWSER_HEADERS: readonly (readonly [string, string])[] = [
  ['HTTP_HOST', 'localhost:9090'],
  ['HTTP_USER_AGENT', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
  ['HTTP_ACCEPT', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['HTTP_ACCEPT_LANGUAGE', 'en-US,en;q=0.5'],
  ['HTTP_ACCEPT_ENCODING', 'gzip, deflate, br, zstd'],
  ['HTTP_REFERER', 'http://localhost:9090/index.html'],
  ['HTTP_CONNECTION', 'keep-alive'],
  ['HTTP_COOKIE', 'session=0123456789abcdef; theme=dark; consent=yes'],
  ['HTTP_UPGRADE_INSECURE_REQUESTS', '1'],
  ['HTTP_SEC_FETCH_DEST', 'document'],
  ['HTTP_SEC_FETCH_MODE', 'navigate'],
  ['HTTP_SEC_FETCH_SITE', 'none'],
  ['HTTP_SEC_FETCH_USER', '?1'],
  ['HTTP_PRIORITY', 'u=0, i'],
];

const hello: Application = (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/html']]);
  return [Buffer.from('Hello World')];
};
const constant = Buffer.from('Hello World');
const helloConstant: Application = (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/html']]);
  return [constant];
};
const nothing = Promise.resolve();
const helloAsync: Application = async (_environ, startResponse) => {
  await nothing;
  startResponse('200 OK', [['Content-Type', 'text/html']]);
  return [constant];
};

interface Case {
  readonly name: string;
  readonly application: Application;
  readonly request: FakeRequest;
  /** Played once before, to define the template. */
  readonly define?: FakeRequest;
}

const short = [['HTTP_HOST', 'localhost']] as const;
const cases: readonly Case[] = [
  {
    name: 'hello, same request line',
    application: hello,
    define: { headers: short, template: { id: 1, use: 'define' } },
    request: { template: { id: 1, use: 'same-line' } },
  },
  {
    name: 'constant body, same request line',
    application: helloConstant,
    define: { headers: short, template: { id: 1, use: 'define' } },
    request: { template: { id: 1, use: 'same-line' } },
  },
  {
    name: 'constant body, browser headers, same request line',
    application: helloConstant,
    define: { headers: BROWSER_HEADERS, template: { id: 1, use: 'define' } },
    request: { template: { id: 1, use: 'same-line' } },
  },
  {
    name: 'constant body, browser headers, new request line',
    application: helloConstant,
    define: { headers: BROWSER_HEADERS, template: { id: 1, use: 'define' } },
    request: { target: '/articles/17?page=2', template: { id: 1, use: 'hit' } },
  },
  {
    name: 'constant body, browser headers, no template',
    application: helloConstant,
    request: { target: '/articles/17?page=2', headers: BROWSER_HEADERS },
  },
  {
    name: 'async function, same request line',
    application: helloAsync,
    define: { headers: short, template: { id: 1, use: 'define' } },
    request: { template: { id: 1, use: 'same-line' } },
  },
];

const knownKeys = [...new Set([...environKeys, ...BROWSER_HEADERS.map(([key]) => key)])];

/** A FakeCore that throws operations away. */
class SilentCore extends FakeCore {
  batchBytes = 0;

  constructor() {
    super(constants.outboxBytes, knownKeys);
  }

  override flush(): void {}

  fill(request: FakeRequest, count: number): void {
    for (let slot = 0; slot < count; slot++) this.putRequest({ ...request, slot });
    this.batchBytes = this.takeInbox();
  }
}

function dispatcherFor(core: FakeCore, application: Application): Dispatcher {
  return new Dispatcher({
    core,
    addon: { constants, environKeys: knownKeys },
    serve: serveApplication(application),
    listeners: [{ port: 9090 }],
    log: { warn: () => undefined, error: () => undefined },
    facts: {
      serverName: 'bench',
      version: '0.0.0',
      node: 'bench',
      multithread: false,
      multiprocess: false,
      errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
      fileWrapper: wrapFile,
    },
  });
}

const ROUNDS = 5;
const REQUESTS_PER_ROUND = 400_000;

/**
 * Nanoseconds of CPU per request, of the best round: other programs on the machine cost time, not
 * this.
 */
async function measure(subject: Case, batch: number): Promise<number> {
  const core = new SilentCore();
  const dispatcher = dispatcherFor(core, subject.application);
  core.putPeer(1, '127.0.0.1', 50000);
  if (subject.define !== undefined) core.putRequest(subject.define);
  dispatcher.dispatch(core.takeInbox());
  core.fill(subject.request, batch);
  const batches = Math.ceil(REQUESTS_PER_ROUND / batch);
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const began = process.cpuUsage();
    for (let i = 0; i < batches; i++) {
      dispatcher.dispatch(core.batchBytes);
      // The core runs the microtask and nextTick queues after each batch.
      if (dispatcher.running > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, ((user + system) * 1000) / (batches * batch));
  }
  return best;
}

/**
 * Each case has a process of its own: a server runs one application, and the engine fits the code
 * to it.
 */
function runAll(batch: string): void {
  const script = fileURLToPath(import.meta.url);
  console.log(`${process.version}, batches of ${batch}, best of ${ROUNDS} rounds`);
  for (const index of cases.keys()) {
    spawnSync(process.execPath, [...process.execArgv, script, batch, String(index)], {
      stdio: 'inherit',
    });
  }
}

const [batch = '32', index] = process.argv.slice(2);
const subject = cases[Number(index ?? -1)];
if (subject === undefined) runAll(batch);
else {
  const nanoseconds = await measure(subject, Number(batch));
  console.log(`${nanoseconds.toFixed(0).padStart(6)} ns  ${subject.name}`);
}
