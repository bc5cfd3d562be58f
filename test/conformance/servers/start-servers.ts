import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginxVersion, startNginx } from './nginx.js';
import { startNative } from './native.js';
import { startNodeHttp } from './node-http.js';
import type { ServerUnderTest } from './server.js';

export const CORPUS_DIRECTORY = fileURLToPath(
  new URL('../../fixtures/http1/wire', import.meta.url),
);

type Start = (log: string) => Promise<ServerUnderTest>;

const STARTS: readonly { readonly kind: string; readonly start: Start }[] = [
  { kind: 'loop', start: (log) => startNative(log, 'loop') },
  { kind: 'pool', start: (log) => startNative(log, 'pool') },
  { kind: 'node', start: startNodeHttp },
  { kind: 'nginx', start: startNginx },
];

/** The servers of the comparison, each with a log of its own; nginx only where it is installed. Throws for a kind that is none. */
export function startServers(
  kinds: readonly string[] | undefined,
): (() => Promise<ServerUnderTest>)[] {
  const known = STARTS.map(({ kind }) => kind);
  const unknown = kinds?.find((kind) => !known.includes(kind));
  if (unknown !== undefined) throw new Error(`--server ${unknown}: there are ${known.join(', ')}`);
  return STARTS.filter(({ kind }) => kinds?.includes(kind) ?? true)
    .filter(({ kind }) => kind !== 'nginx' || nginxVersion() !== undefined)
    .map(
      ({ start }) =>
        () =>
          startWithLog(start),
    );
}

async function startWithLog(start: Start): Promise<ServerUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'conformance-log-'));
  const server = await start(join(directory, 'runs.log'));
  return {
    ...server,
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
