import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchRoot, compiled, repositoryRoot } from './paths.js';
import type { AppName } from './payloads.js';
import { programVersion } from './programs.js';
import type { Server, StartContext } from './server.js';

const everyApp: readonly AppName[] = ['hello', 'json', 'echo', 'large', 'file', 'delay'];

export const executable = join(repositoryRoot, 'bin', 'tsuwsgi-native.js');

/** The first line says more than any guess of ours: not built, wrong Node, no such option. */
export function ownMissing(node: string): string | undefined {
  const { status, stderr, error } = spawnSync(node, [executable, '--version'], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  const line = (error?.message ?? stderr).split('\n').find((text) => text.trim() !== '');
  return `tsuwsgi-native does not start: ${line ?? `exit code ${status}`}`;
}

/** Production settings: strict parsing, whole environ, every default limit and timeout; only the request log is off. */
export function ownServer(name: string, title: string, options: readonly string[]): Server {
  return {
    name,
    title,
    apps: everyApp,
    missing: ownMissing,
    version: (node) => programVersion(node, [executable, '--version'], /(\d+\.\d+\.\d+\S*)/),
    command: ({ node, port, scenario }: StartContext) => ({
      file: node,
      args: [
        executable,
        ...['--http-socket', `127.0.0.1:${port}`],
        ...['--wsgi-file', compiled(`apps/${scenario.app}.js`)],
        ...options,
      ],
    }),
  };
}

function packageFile(name: string): string {
  return join(benchRoot, 'node_modules', name, 'package.json');
}

function packageVersion(name: string): string | undefined {
  const manifest = JSON.parse(readFileSync(packageFile(name), 'utf8')) as { version?: string };
  return manifest.version;
}

function packageMissing(name: string): string | undefined {
  return existsSync(packageFile(name))
    ? undefined
    : `${name} is not installed (npm ci --prefix bench)`;
}

function runUnderNode(script: string): Server['command'] {
  return ({ node, port, scenario }) => ({
    file: node,
    args: [compiled(`servers/${script}.js`), scenario.app, String(port)],
  });
}

function packageServer(name: string, title: string): Server {
  return {
    name,
    title,
    apps: everyApp,
    missing: () => packageMissing(name),
    version: () => packageVersion(name),
    command: runUnderNode(name),
  };
}

const nodeHttp: Server = {
  name: 'node',
  title: 'node:http',
  apps: everyApp,
  missing: () => undefined,
  version: (node) => programVersion(node, ['--version'], /v(\S+)/),
  command: runUnderNode('node-http'),
};

const bun: Server = {
  name: 'bun',
  title: 'Bun',
  apps: everyApp,
  missing: () => packageMissing('bun'),
  version: () => packageVersion('bun'),
  command: ({ port, scenario }) => ({
    file: join(benchRoot, 'node_modules', '.bin', 'bun'),
    args: [compiled('servers/bun.js'), scenario.app, String(port)],
    env: { BENCH_CLOSE: scenario.close ? '1' : '' },
  }),
};

/** The worker of `loop`, with what a master brings: the master's own time, and a scoreboard that the worker writes. */
const underMaster: Server = {
  ...ownServer('loop-master', 'tsuwsgi-native, loop mode, under a master', [
    ...['--disable-logging', '--master', '--processes', '1', '--harakiri', '30'],
  ]),
  only: ['hello'],
};

export const nodeServers: readonly Server[] = [
  ownServer('loop', 'tsuwsgi-native, loop mode', ['--disable-logging']),
  underMaster,
  ownServer('pool', 'tsuwsgi-native, pool mode, 2 threads', [
    '--disable-logging',
    '--threads',
    '2',
  ]),
  ownServer('loop-log', 'tsuwsgi-native, loop mode, request log on', []),
  nodeHttp,
  packageServer('fastify', 'Fastify'),
  packageServer('express', 'Express'),
  bun,
];
