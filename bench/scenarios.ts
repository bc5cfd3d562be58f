import { payloads, type AppName } from './payloads.js';
import {
  browserRequest,
  closeRequest,
  plainRequest,
  postRequest,
  variedRequest,
} from './requests.js';

/** One shape of load. Every server that has the application runs it. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly app: AppName;
  readonly connections: number;
  /** Text of one request (see requests.ts). */
  readonly request: string;
  /** Requests in flight on one connection; more than 1 is pipelining. */
  readonly depth: number;
  /** Each request on a connection of its own. */
  readonly close: boolean;
  /** nginx takes the requests and passes them on: server and nginx share the server's core. */
  readonly behindNginx: boolean;
}

function scenario(
  name: string,
  title: string,
  app: AppName,
  request: string,
  shape: Partial<Pick<Scenario, 'connections' | 'depth' | 'close' | 'behindNginx'>> = {},
): Scenario {
  const usual = { connections: 64, depth: 1, close: false, behindNginx: false };
  return { name, title, app, request, ...usual, ...shape };
}

export const scenarios: readonly Scenario[] = [
  scenario('hello', 'hello', 'hello', plainRequest),
  scenario('browser', "hello, a browser's 14 headers", 'hello', browserRequest),
  scenario(
    'varied',
    "a browser's headers, target and cookie new each time",
    'hello',
    variedRequest,
  ),
  scenario('json', 'JSON, 1 kB', 'json', plainRequest),
  scenario('echo', 'POST, 1 kB echoed', 'echo', postRequest(payloads.echo.bytes)),
  scenario('large', 'answer of 64 kB', 'large', plainRequest),
  scenario('file', 'file of 1 MB', 'file', plainRequest),
  scenario('pipelined', '16 requests pipelined', 'hello', plainRequest, { depth: 16 }),
  scenario('one', 'one connection', 'hello', plainRequest, { connections: 1 }),
  scenario('close', 'a new connection for each request', 'hello', closeRequest, { close: true }),
  scenario('delay', 'asynchronous handler of 10 ms, 512 connections', 'delay', plainRequest, {
    connections: 512,
  }),
  scenario('behind-nginx', 'hello behind nginx, both on one core', 'hello', plainRequest, {
    behindNginx: true,
  }),
];

export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((candidate) => candidate.name === name);
}
