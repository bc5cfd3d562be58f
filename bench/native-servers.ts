import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchRoot } from './paths.js';
import { payloads, type AppName } from './payloads.js';
import { findProgram, programVersion } from './programs.js';
import type { Scenario } from './scenarios.js';
import type { Command, Server, StartContext } from './server.js';

function notInstalled(program: string): string | undefined {
  return findProgram(program) === undefined ? `${program} is not installed` : undefined;
}

/** Compiles servers/NAME.cc where the binary is missing or older than a source; returns the binary. */
function buildFloor(name: string): string {
  const source = join(benchRoot, 'servers', `${name}.cc`);
  const binary = join(benchRoot, 'build', name);
  const sources = [source, join(benchRoot, 'servers', 'floor_common.h')];
  const built = existsSync(binary) ? statSync(binary).mtimeMs : 0;
  if (sources.some((file) => statSync(file).mtimeMs > built)) {
    mkdirSync(join(benchRoot, 'build'), { recursive: true });
    const args = ['-O2', '-std=c++17', '-Wall', '-Wextra', '-o', binary, source];
    execFileSync('g++', args, { stdio: 'pipe' });
  }
  return binary;
}

function floorMode(scenario: Scenario): readonly string[] {
  if (scenario.close) return ['--close'];
  return scenario.depth > 1 ? ['--pipelined'] : [];
}

function floorArguments({ scenario, port, payloads: directory }: StartContext): readonly string[] {
  const { file, contentType } = payloads[scenario.app];
  return [String(port), join(directory, file), contentType];
}

function gccVersion(): string | undefined {
  return programVersion('g++', ['--version'], /(\d+\.\d+\.\d+)/);
}

/** Not for `file`: the floor would send memory where the others send a file. */
const floor: Server = {
  name: 'floor',
  title: 'the floor: C++ epoll loop, a constant',
  apps: ['hello', 'json', 'echo', 'large'],
  missing: () => notInstalled('g++'),
  version: gccVersion,
  command: (context) => ({
    file: buildFloor('floor'),
    args: [...floorArguments(context), ...floorMode(context.scenario)],
  }),
};

const floorUring: Server = {
  name: 'floor-uring',
  title: 'the floor with io_uring',
  apps: ['hello', 'json', 'echo', 'large'],
  without: ['pipelined', 'close'],
  missing: () => notInstalled('g++') ?? uringUncompiled(),
  forbidden: uringForbidden,
  version: gccVersion,
  command: (context) => ({ file: buildFloor('floor_uring'), args: floorArguments(context) }),
};

/** Headers of an old kernel do not know what the source uses, and some systems keep them in a package of their own. */
function uringUncompiled(): string | undefined {
  try {
    buildFloor('floor_uring');
    return undefined;
  } catch (error) {
    return `floor_uring.cc does not compile here: ${firstComplaint(error)}`;
  }
}

/** The first line in which the compiler says what it minds. */
function firstComplaint(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  return lines.find((line) => line.includes('error:')) ?? lines[0] ?? '';
}

/** Containers often forbid io_uring, and some kernels have none (io_uring_disabled: 2). */
function uringForbidden(): string | undefined {
  const { status } = spawnSync(buildFloor('floor_uring'), ['--probe']);
  return status === 0 ? undefined : 'the kernel does not let this process use io_uring';
}

/** A text body comes from `return`, a binary one from a file: nginx has nothing cheaper for either. */
function nginxLocation(app: AppName, directory: string): string {
  const { file, contentType, bytes } = payloads[app];
  if (contentType === 'application/octet-stream')
    return `root ${directory}; try_files /${file} =404;`;
  return `default_type ${contentType}; return 200 '${bytes.toString()}';`;
}

function nginxConfiguration({
  scenario,
  port,
  payloads: directory,
  scratch,
}: StartContext): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${scratch}/${name};`)
    .join(' ');
  return `daemon off; master_process on; worker_processes 1; pid ${scratch}/nginx.pid;
error_log ${scratch}/error.log;
events { worker_connections 2048; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 75s; keepalive_requests 1000000000;
  default_type application/octet-stream; ${temporary}
  server { listen 127.0.0.1:${port} backlog=1024; location / { ${nginxLocation(scenario.app, directory)} } }
}
`;
}

function nginxCommand(context: StartContext): Command {
  const file = join(context.scratch, 'nginx.conf');
  writeFileSync(file, nginxConfiguration(context));
  const args = ['-c', file, '-p', context.scratch, '-e', join(context.scratch, 'error.log')];
  return { file: findProgram('nginx') ?? 'nginx', args };
}

const nginx: Server = {
  name: 'nginx',
  title: 'nginx, a constant or a file',
  apps: ['hello', 'json', 'large', 'file'],
  missing: () => notInstalled('nginx'),
  version: () => programVersion(findProgram('nginx') ?? 'nginx', ['-v'], /nginx\/(\S+)/),
  command: nginxCommand,
};

export const uwsgiApplication = join(benchRoot, 'servers', 'uwsgi_app.py');

function uwsgiServer(
  name: string,
  title: string,
  options: (address: string, scenario: Scenario) => readonly string[],
): Server {
  return {
    name,
    title,
    apps: ['hello', 'json', 'echo', 'large', 'file'],
    without: ['pipelined'],
    missing: () => notInstalled('uwsgi'),
    version: () => programVersion('uwsgi', ['--version'], /(\d+\.\d+\S*)/),
    command: ({ scenario, port, payloads: directory }) => ({
      file: findProgram('uwsgi') ?? 'uwsgi',
      args: [
        ...['--plugins', 'http,python3', '--wsgi-file', uwsgiApplication, '--master'],
        ...['--need-app', '--die-on-term', '--disable-logging', '--listen', '1024'],
        ...options(`127.0.0.1:${port}`, scenario),
      ],
      env: { BENCH_PAYLOADS: directory, BENCH_APP: scenario.app },
    }),
  };
}

const closing = ['--add-header', 'Connection: close'];

/**
 * uWSGI keeps a thread busy for as long as a connection lives, so its fastest form here has a thread for each connection.
 * The other two are what its manual starts with; neither keeps connections alive, and they are told to say so.
 */
const uwsgiServers: readonly Server[] = [
  uwsgiServer('uwsgi', 'uWSGI, Python, --http (its manual), 4 × 2', (address) => [
    ...['--http', address, '--processes', '4', '--threads', '2'],
    ...closing,
  ]),
  uwsgiServer('uwsgi-socket', 'uWSGI, Python, --http-socket, 4 × 2', (address) => [
    ...['--http-socket', address, '--processes', '4', '--threads', '2'],
    ...closing,
  ]),
  uwsgiServer('uwsgi-http11', 'uWSGI, Python, --http11-socket, 1 × 64', (address, { close }) => [
    ...['--http11-socket', address, '--processes', '1', '--threads', '64'],
    ...(close ? closing : []),
  ]),
];

export const nativeServers: readonly Server[] = [...uwsgiServers, nginx, floor, floorUring];
