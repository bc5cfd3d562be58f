import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uwsgiApplication } from './native-servers.js';
import { executable, ownMissing } from './node-servers.js';
import { compiled } from './paths.js';
import { findProgram, programVersion } from './programs.js';
import type { Command, Server, StartContext } from './server.js';

/** Debian's, as its package installs it: what users include. */
const parameters = '/etc/nginx/uwsgi_params';

/** How nginx talks to the server behind it. */
type Protocol = 'uwsgi' | 'http';

interface Behind {
  readonly name: string;
  readonly title: string;
  readonly protocol: Protocol;
  missing(node: string): string | undefined;
  version(node: string): string | undefined;
  /** Listens on a UNIX socket. */
  command(context: StartContext, socket: string): Command;
}

function location(protocol: Protocol): string {
  if (protocol === 'uwsgi') return `include ${parameters}; uwsgi_pass behind;`;
  return 'proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";';
}

/** One worker, since the whole group has one core. The connections to a server that speaks HTTP are kept. */
function configuration(
  protocol: Protocol,
  { port, scratch }: StartContext,
  socket: string,
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${scratch}/${name};`)
    .join(' ');
  const kept = protocol === 'http' ? 'keepalive 128; keepalive_requests 1000000000;' : '';
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${scratch}/nginx.pid; error_log ${scratch}/error.log;
events { worker_connections 2048; }
http {
  access_log off; keepalive_timeout 75s; keepalive_requests 1000000000; ${temporary}
  upstream behind { server unix:${socket}; ${kept} }
  server { listen 127.0.0.1:${port} backlog=1024; location / { ${location(protocol)} } }
}
`;
}

function nginxCommand({ scratch }: StartContext): Command {
  const args = ['-c', join(scratch, 'nginx.conf'), '-p', scratch, '-e', join(scratch, 'error.log')];
  return { file: findProgram('nginx') ?? 'nginx', args };
}

function nginxMissing(): string | undefined {
  if (findProgram('nginx') === undefined) return 'nginx is not installed';
  return existsSync(parameters) ? undefined : `${parameters} is missing`;
}

/** Both under one small process, which is the root of their tree: harness and CPU figures see them as one server. */
function nginxBefore(behind: Behind): Server {
  const { name, title, protocol } = behind;
  return {
    name,
    title,
    apps: ['hello'],
    behindNginx: true,
    missing: (node) => nginxMissing() ?? behind.missing(node),
    version: (node) => behind.version(node),
    command: (context) => {
      const socket = join(context.scratch, 'behind.sock');
      const server = behind.command(context, socket);
      writeFileSync(join(context.scratch, 'nginx.conf'), configuration(protocol, context, socket));
      const group = JSON.stringify({ socket, server, nginx: nginxCommand(context) });
      return { file: context.node, args: [compiled('servers/group.js'), group] };
    },
  };
}

const ownVersion: Behind['version'] = (node) =>
  programVersion(node, [executable, '--version'], /(\d+\.\d+\.\d+\S*)/);

function own(protocol: Protocol, name: string, title: string): Behind {
  const option = protocol === 'uwsgi' ? '--socket' : '--http-socket';
  return {
    name,
    title,
    protocol,
    missing: ownMissing,
    version: ownVersion,
    command: ({ node, scenario }, socket) => ({
      file: node,
      args: [
        ...[executable, option, socket, '--disable-logging'],
        ...['--wsgi-file', compiled(`apps/${scenario.app}.js`)],
      ],
    }),
  };
}

/** Under SCHED_BATCH: woken by nginx, it does not interrupt it on the core that they share. */
function asBatch(behind: Behind): Behind {
  return {
    ...behind,
    name: `${behind.name}-batch`,
    title: `${behind.title}, SCHED_BATCH`,
    missing: (node) =>
      findProgram('chrt') === undefined ? 'chrt is not installed' : behind.missing(node),
    command: (context, socket) => {
      const command = behind.command(context, socket);
      return { ...command, file: 'chrt', args: ['--batch', '0', command.file, ...command.args] };
    },
  };
}

const uwsgi: Behind = {
  name: 'nginx-uwsgi',
  title: 'nginx, uwsgi_pass, uWSGI, Python',
  protocol: 'uwsgi',
  missing: () => (findProgram('uwsgi') === undefined ? 'uwsgi is not installed' : undefined),
  version: () => programVersion('uwsgi', ['--version'], /(\d+\.\d+\S*)/),
  command: ({ scenario, payloads }, socket) => ({
    file: findProgram('uwsgi') ?? 'uwsgi',
    args: [
      ...['--plugins', 'python3', '--wsgi-file', uwsgiApplication, '--socket', socket],
      ...['--master', '--processes', '4', '--need-app', '--die-on-term', '--vacuum'],
      ...['--disable-logging', '--listen', '1024'],
    ],
    env: { BENCH_PAYLOADS: payloads, BENCH_APP: scenario.app },
  }),
};

const node: Behind = {
  name: 'nginx-node',
  title: 'nginx, proxy_pass, node:http',
  protocol: 'http',
  missing: () => undefined,
  version: (binary) => programVersion(binary, ['--version'], /v(\S+)/),
  command: ({ node: binary, scenario }, socket) => ({
    file: binary,
    args: [compiled('servers/node-http.js'), scenario.app, '0'],
    env: { BENCH_SOCKET: socket },
  }),
};

const ownUwsgi = own('uwsgi', 'nginx-tsuwsgi', 'nginx, uwsgi_pass, tsuwsgi-native');

export const nginxServers: readonly Server[] = [
  ownUwsgi,
  asBatch(ownUwsgi),
  own('http', 'nginx-tsuwsgi-http', 'nginx, proxy_pass, tsuwsgi-native'),
  uwsgi,
  node,
].map(nginxBefore);
