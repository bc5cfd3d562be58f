/** Routed requests over a core in memory: the test plays the client, a real connection goes to the backend. */
import type { BackendAddress } from '../../../src/config/backend-address.js';
import type { LogFields } from '../../../src/log/logger.js';
import { BackendPool } from '../../../src/router/backend-pool.js';
import { BufferBudget } from '../../../src/router/buffer-budget.js';
import { RoutedRequest } from '../../../src/router/routed-request.js';
import { RouterLog } from '../../../src/router/router-log.js';
import type { RouterSettings } from '../../../src/router/router-settings.js';
import { Dispatcher } from '../../../src/worker/gateway/dispatcher.js';
import { wrapFile } from '../../../src/worker/gateway/file-body.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { fakeAddon, FakeCore, type FakeRequest, type Operation } from '../worker/fake-core.js';

export interface LogRecord {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

export interface RouterHarness {
  readonly core: FakeCore;
  readonly log: LogRecord[];
  readonly pool: BackendPool;
  readonly budget: BufferBudget;
  /** Requests that are not over. */
  running(): number;
  /** Sends a request; its slot is 1 unless it says another. */
  request(request?: FakeRequest): void;
  /** Operations on the slot, when one of them ends its response. */
  answer(slot?: number): Promise<readonly Operation[]>;
}

export function routerFor(
  backends: readonly BackendAddress[],
  overrides: Partial<RouterSettings> = {},
): RouterHarness {
  const core = new FakeCore();
  const log: LogRecord[] = [];
  const settings = settingsFor(backends, log, overrides);
  const dispatcher = new Dispatcher({
    core,
    addon: fakeAddon,
    serve: (...request) => new RoutedRequest(settings, ...request).start(),
    facts: {
      serverName: 'router.example',
      version: '0',
      node: 'router.example',
      multithread: false,
      multiprocess: false,
      errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
      fileWrapper: wrapFile,
    },
    listeners: [{ port: 8080 }],
    log: { warn: () => undefined, error: (message) => void log.push(record('error', message)) },
  });
  core.dispatch = dispatcher.dispatch;
  core.putPeer(1, '192.0.2.1', 4000);
  return {
    core,
    log,
    pool: settings.pool,
    budget: settings.budget,
    running: () => dispatcher.running,
    request: (request = {}) => {
      core.putRequest(request);
      core.run();
    },
    answer: (slot = 1) => waitUntil(`an answer in slot ${slot}`, () => ended(core.of(slot))),
  };
}

function settingsFor(
  backends: readonly BackendAddress[],
  log: LogRecord[],
  overrides: Partial<RouterSettings>,
): RouterSettings {
  const write =
    (level: LogRecord['level']) =>
    (message: string, fields: LogFields = {}): void =>
      void log.push(record(level, message, fields));
  const now = (): number => performance.now();
  return {
    pool: new BackendPool({ backends, fallbacks: [], graceMs: 5000, now }),
    budget: new BufferBudget(1024 * 1024, 16 * 1024 * 1024),
    log: new RouterLog({ info: write('info'), warn: write('warn'), error: write('error') }),
    variables: { trusted: { has: () => false }, extra: [], hostAsServerName: false },
    modifiers: { modifier1: 0, modifier2: 0 },
    blockBytes: 0xffff,
    connectTimeoutMs: 5000,
    timeoutMs: 5000,
    closeAlways: false,
    retryAfterSeconds: 1,
    ...overrides,
  };
}

function record(level: LogRecord['level'], message: string, fields: LogFields = {}): LogRecord {
  return { level, message, fields };
}

const LAST: ReadonlySet<Operation['op']> = new Set(['RESPOND', 'END', 'ABORT']);

function ended(operations: readonly Operation[]): readonly Operation[] | undefined {
  return operations.some(({ op }) => LAST.has(op)) ? operations : undefined;
}
