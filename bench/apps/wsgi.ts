import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the benchmark's applications use of the WSGI interface. */
export interface Environ {
  readonly 'wsgi.input': { read(): Buffer };
  readonly 'wsgi.file_wrapper': (path: string) => Iterable<Uint8Array>;
}

export type StartResponse = (status: string, headers: [string, string][]) => unknown;

export function payloadPath(file: string): string {
  const directory = process.env['BENCH_PAYLOADS'];
  if (directory === undefined) throw new Error('BENCH_PAYLOADS is not set');
  return join(directory, file);
}

export function readPayload(file: string): Buffer {
  return readFileSync(payloadPath(file));
}
