import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAddon } from '../../../src/binding/load.js';
import { LOG_VARIABLE } from './behaviour.js';
import { createScgiApplication } from './scgi-application.js';
import { LIMITS, type ServerUnderTest } from './server.js';

/** The version, or undefined where nginx is not installed. */
export function nginxVersion(): string | undefined {
  const { stdout, stderr, error } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  return /nginx\/(\d+\.\d+)/.exec(`${stdout}${stderr}`)?.[1] ?? '';
}

/**
 * nginx in front of the application over SCGI. It inherits its listening socket, so that no port has to be guessed.
 */
export async function startNginx(log: string): Promise<ServerUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'conformance-nginx-'));
  const backend = createScgiApplication();
  const backendPath = join(directory, 'application.sock');
  process.env[LOG_VARIABLE] = log;
  await listen(backend, backendPath);
  const addon = loadAddon();
  const listener = addon.bindListener({
    host: '127.0.0.1',
    port: 0,
    backlog: 511,
    reusePort: false,
  });
  const { port } = listener;
  const configuration = join(directory, 'nginx.conf');
  writeFileSync(configuration, configure(directory, port, backendPath));
  const child = spawn(
    'nginx',
    ['-p', directory, '-e', join(directory, 'error.log'), '-c', configuration],
    {
      stdio: ['ignore', 'ignore', 'inherit', listener.fd],
      env: { ...process.env, NGINX: '3;' },
    },
  );
  const exited = once(child, 'exit');
  await once(child, 'spawn');
  addon.closeListener(listener.fd);
  return {
    kind: 'nginx',
    title: `nginx ${nginxVersion() ?? ''}`,
    address: { host: '127.0.0.1', port },
    log,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await closeServer(backend);
      rmSync(directory, { recursive: true });
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  server.listen(path);
  await once(server, 'listening');
}

async function closeServer(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

function configure(directory: string, port: number, backendPath: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off;
    worker_processes 1;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    pid ${directory}/nginx.pid;
    events { worker_connections 1024; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join('\n      ')}
      client_header_timeout ${LIMITS.headerTimeoutMs}ms;
      client_body_timeout ${LIMITS.bodyTimeoutMs}ms;
      keepalive_timeout ${LIMITS.keepAliveTimeoutMs}ms;
      client_max_body_size ${LIMITS.bodyBytes};
      large_client_header_buffers 4 ${LIMITS.headBytes};
      server {
        listen 127.0.0.1:${port};
        merge_slashes off;
        location / {
          scgi_pass unix:${backendPath};
          scgi_ignore_client_abort on;
          scgi_param REQUEST_METHOD $request_method;
          scgi_param REQUEST_URI $request_uri;
          scgi_param REMOTE_ADDR $remote_addr;
          scgi_param CONTENT_LENGTH $content_length;
        }
      }
    }
  `;
}
