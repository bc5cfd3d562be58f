import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ServerProcess } from './server-process.js';
import type { Server, StartContext } from './server.js';

export interface RunningServer {
  readonly running: ServerProcess;
  readonly port: number;
  /** Directory that is its own. */
  readonly scratch: string;
}

/** Lets `use` have a fresh process of the server, and leaves nothing of it, whatever fails. */
export async function withServer<T>(
  server: Server,
  given: Pick<StartContext, 'scenario' | 'node' | 'payloads'>,
  cpu: number | undefined,
  use: (one: RunningServer) => Promise<T>,
): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), 'tsuwsgi-bench-'));
  try {
    const port = await freePort();
    const running = await ServerProcess.start(server, { ...given, port, scratch }, cpu);
    try {
      return await use({ running, port, scratch });
    } finally {
      await running.stop();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
