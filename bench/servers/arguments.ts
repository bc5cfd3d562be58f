import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppName } from '../payloads.js';

/** What the harness tells a server that it starts: `server.js APP PORT`, payloads in BENCH_PAYLOADS. */
export interface ServerArguments {
  readonly app: AppName;
  readonly port: number;
}

/** How long an idle connection stays open, for every server that lets one choose. */
export const keepAliveSeconds = 75;

/** How long the asynchronous handler waits. */
export const delayMilliseconds = 10;

const apps: readonly string[] = [
  'hello',
  'json',
  'echo',
  'large',
  'file',
  'delay',
] satisfies AppName[];

function isApp(name: string | undefined): name is AppName {
  return name !== undefined && apps.includes(name);
}

export function readArguments(): ServerArguments {
  const [app, port] = process.argv.slice(2);
  if (!isApp(app)) throw new Error(`first argument: one of ${apps.join(', ')}`);
  if (port === undefined || !/^\d+$/.test(port)) throw new Error('second argument: a port');
  return { app, port: Number(port) };
}

export function payloadPath(file: string): string {
  const directory = process.env['BENCH_PAYLOADS'];
  if (directory === undefined) throw new Error('BENCH_PAYLOADS is not set');
  return join(directory, file);
}

export function readPayload(file: string): Buffer {
  return readFileSync(payloadPath(file));
}

/** The document that the JSON application serialises anew for each request. */
export function readDocument(): unknown {
  return JSON.parse(readPayload('document.json').toString());
}
