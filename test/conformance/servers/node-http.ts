import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LOG_VARIABLE } from './behaviour.js';
import type { ServerUnderTest } from './server.js';

/** Starts node:http of the Node that runs this, in a process of its own. */
export async function startNodeHttp(log: string): Promise<ServerUnderTest> {
  const script = fileURLToPath(new URL('node-http-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, [LOG_VARIABLE]: log },
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    kind: 'node',
    title: `node:http (Node ${process.versions.node.split('.')[0]})`,
    address: { host: '127.0.0.1', port: Number(line) },
    log,
    async stop() {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}
