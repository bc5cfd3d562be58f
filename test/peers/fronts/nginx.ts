/** nginx beside the system's: everything it reads or writes is in the directory of the test. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../../helpers/server.js';
import { FRONT_USER, isRoot, type Place, type Target } from '../place.js';
import { startProgram } from '../program.js';

/** Debian's, as the package installs it. */
export const STOCK_PARAMETERS = '/etc/nginx/uwsgi_params';

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** A main file around blocks of the http context. */
export function nginxConfiguration(directory: string, blocks: string): string {
  const temporary = TEMPORARY.map((name) => `  ${name}_temp_path ${directory}/${name};`);
  return [
    isRoot() ? `user ${FRONT_USER};` : '',
    'daemon off;',
    'worker_processes 1;',
    `pid ${directory}/nginx.pid;`,
    'error_log stderr warn;',
    'events { worker_connections 1024; }',
    'http {',
    '  access_log off;',
    ...temporary,
    blocks,
    '}',
    '',
  ].join('\n');
}

export function nginxArguments(directory: string): string[] {
  return ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr'];
}

export async function startNginx(directory: string, port: number, blocks: string): Promise<Server> {
  writeFileSync(join(directory, 'nginx.conf'), nginxConfiguration(directory, blocks));
  return startProgram('nginx', nginxArguments(directory), {
    cwd: directory,
    ready: { kind: 'tcp', host: '127.0.0.1', port },
  });
}

export function nginxAddress(target: Target): string {
  return target.kind === 'tcp' ? `${target.host}:${target.port}` : `unix:${target.path}`;
}

function serverBlock(port: number, location: string): string {
  return `
  server {
    listen 127.0.0.1:${port} backlog=1024;
    server_name front.test;
    client_max_body_size 64m;
    location / {
      ${location}
    }
  }`;
}

export function startNginxUwsgi({ directory, port, target }: Place): Promise<Server> {
  const location = `include ${STOCK_PARAMETERS};\n      uwsgi_pass ${nginxAddress(target)};`;
  return startNginx(directory, port, serverBlock(port, location));
}

/** Connections that nginx keeps open to the server behind it. */
export const NGINX_KEPT = 16;

export function startNginxHttp({ directory, port, target }: Place): Promise<Server> {
  const upstream = `upstream behind { server ${nginxAddress(target)}; keepalive ${NGINX_KEPT}; }`;
  const location = [
    'proxy_pass http://behind;',
    'proxy_http_version 1.1;',
    'proxy_set_header Connection "";',
    'proxy_set_header Host $http_host;',
  ].join('\n      ');
  return startNginx(directory, port, `${upstream}\n${serverBlock(port, location)}`);
}
