import type { Application, Environ } from '../../../src/app/types.js';
import { Dispatcher } from '../../../src/worker/gateway/dispatcher.js';
import { serveApplication } from '../../../src/worker/gateway/serve-application.js';
import type { WorkerFacts } from '../../../src/worker/gateway/environ.js';
import { LogErrorStream } from '../../../src/worker/gateway/error-stream.js';
import { wrapFile } from '../../../src/worker/gateway/file-body.js';
import { fakeAddon, FakeCore, type FakeRequest, type Operation } from './fake-core.js';

export interface LogRecord {
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Harness {
  readonly core: FakeCore;
  readonly dispatcher: Dispatcher;
  readonly log: LogRecord[];
  /** Lines written to wsgi.errors. */
  readonly errors: string[];
}

export function gatewayFor(application: Application, outboxBytes?: number): Harness {
  const core = new FakeCore(outboxBytes);
  const log: LogRecord[] = [];
  const errors: string[] = [];
  const record =
    (level: LogRecord['level']) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      void log.push({ level, message, fields });
  const dispatcher = new Dispatcher({
    core,
    addon: fakeAddon,
    serve: serveApplication(application),
    facts: factsWith(errors),
    listeners: [{ port: 9090 }, { port: 0 }],
    log: { warn: record('warn'), error: record('error') },
  });
  core.dispatch = dispatcher.dispatch;
  return { core, dispatcher, log, errors };
}

function factsWith(errors: string[]): WorkerFacts {
  return {
    serverName: 'host.example',
    version: '1.2.3',
    node: 'host.example',
    multithread: true,
    multiprocess: false,
    errors: new LogErrorStream((line) => void errors.push(line)),
    fileWrapper: wrapFile,
  };
}

/** Runs one request and returns the operations on it, once all promises and ticks have run. */
export async function answer(
  application: Application,
  request: FakeRequest = {},
): Promise<Harness & { readonly operations: Operation[]; readonly body: string }> {
  const harness = gatewayFor(application);
  harness.core.putRequest(request);
  harness.core.run();
  await turn();
  const slot = request.slot ?? 1;
  return { ...harness, operations: harness.core.of(slot), body: harness.core.bodyOf(slot) };
}

/** The environ an application gets for a request. */
export function environOf(request: FakeRequest): Environ {
  let seen: Environ | undefined;
  const { core } = gatewayFor((environ, startResponse) => {
    seen = environ;
    startResponse('200 OK', []);
    return '';
  });
  core.putRequest(request);
  core.run();
  if (seen === undefined) throw new Error('the application was not called');
  return seen;
}

/** Lets promises, ticks and immediates run. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
