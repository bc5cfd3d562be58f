/** Which of the configured sockets nginx can use, and how. */
import { posix } from 'node:path';
import type { SocketAddress } from '../../config/address.js';
import type { Config } from '../../config/config.js';
import { listenAddresses } from '../../config/listen-addresses.js';
import { block, directive, duration, type Directive } from './directive.js';

export interface Upstream {
  /** `router`: HTTP too, with limits of its own. */
  readonly kind: 'uwsgi' | 'http' | 'router';
  /** As nginx writes them. */
  readonly servers: readonly string[];
  /** About sockets that are left out. */
  readonly remarks: readonly string[];
  /** Whether a UNIX socket is among them whose file has the mode that the umask leaves. */
  readonly privateFile: boolean;
}

interface Candidate {
  readonly kind: Upstream['kind'];
  readonly option: string;
  readonly address: SocketAddress;
}

type Reached = { readonly server: string } | { readonly reason: string };

/** Of several kinds the uwsgi sockets: that is what they are for. `directory` is where relative paths begin. */
export function chooseUpstream(config: Config, directory: string): Upstream {
  const base = posix.resolve(directory, config.chdir ?? '');
  const looked = candidates(config).map((candidate) => {
    return { candidate, reached: reach(candidate.address, base) };
  });
  const usable = looked.flatMap(({ candidate, reached }) =>
    'server' in reached ? [{ ...candidate, server: reached.server }] : [],
  );
  const kind = (['uwsgi', 'http', 'router'] as const).find((wanted) =>
    usable.some((one) => one.kind === wanted),
  );
  const chosen = usable.filter((one) => one.kind === kind);
  const unusable = looked.flatMap(({ candidate: { option, address }, reached }) =>
    'reason' in reached ? [`${option} ${address.text} ${reached.reason}`] : [],
  );
  const others = usable
    .filter((one) => one.kind !== kind)
    .map(({ option, address }) => `${option} ${address.text} is not needed behind nginx`);
  return {
    kind: kind ?? 'uwsgi',
    servers: [...new Set(chosen.map(({ server }) => server))],
    remarks: [...unusable, ...others],
    privateFile:
      config.chmodSocket === undefined && chosen.some(({ address }) => address.kind === 'unix'),
  };
}

function candidates(config: Config): Candidate[] {
  const own = listenAddresses(config).map(({ protocol, ...address }): Candidate => {
    return { kind: protocol, option: protocol === 'http' ? 'http-socket' : 'socket', address };
  });
  const router = config.http.map((address): Candidate => {
    return { kind: 'router', option: 'http', address };
  });
  return [...own, ...router];
}

function reach(address: SocketAddress, base: string): Reached {
  switch (address.kind) {
    case 'fd':
      return { reason: 'is inherited: only who opened it knows its address' };
    case 'unix':
      return address.abstractName
        ? { reason: 'is an abstract name, which nginx cannot connect to: use a path' }
        : { server: `unix:${posix.resolve(base, address.name)}` };
    case 'tcp':
      return address.port === 0
        ? { reason: 'takes another port at each start: give it a fixed one' }
        : { server: `${reachableHost(address.host)}:${address.port}` };
  }
}

/** What listens on every address is reached through the loopback interface. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

const KEPT = 32;
/** nginx's own default. */
const USUAL_IDLE_SECONDS = 60;

export function upstreamBlock(name: string, upstream: Upstream, config: Config): Directive {
  const servers = upstream.servers.map((server) => directive('server', [server]));
  const kept = upstream.kind === 'uwsgi' ? [] : keepAlive(upstream.kind, config);
  return block('upstream', [name], [...servers, ...kept], permissionRemark(upstream));
}

function permissionRemark({ privateFile }: Upstream): string[] {
  return privateFile
    ? ["nginx's workers need permission to write to the socket: see chmod-socket and chown-socket"]
    : [];
}

/** uwsgi has one request a connection; HTTP has many, and the side that asks should be the one that closes. */
function keepAlive(kind: 'http' | 'router', config: Config): Directive[] {
  const idle = idleSeconds(kind, config);
  if (idle === undefined) return [];
  const limited = idle > 0;
  const shorter = limited ? beforeThat(idle) : USUAL_IDLE_SECONDS;
  const because = limited
    ? `shorter than the ${duration(idle)} after which the server closes: no request meets a closing connection`
    : 'the server never closes an idle connection by itself';
  const kept = Math.min(KEPT, Math.max(1, config.maxConnections));
  return [
    directive('keepalive', [kept], 'idle connections that each worker of nginx keeps'),
    directive('keepalive_timeout', [duration(shorter)], because),
  ];
}

/** undefined: connections are not kept. 0: without a limit. */
function idleSeconds(kind: 'http' | 'router', config: Config): number | undefined {
  if (kind === 'http') return config.keepaliveTimeout;
  if (config.httpKeepalive === 0) return undefined;
  return config.httpKeepalive === 1 ? config.keepaliveTimeout : config.httpKeepalive;
}

function beforeThat(seconds: number): number {
  return seconds > 10 ? seconds - 5 : seconds / 2;
}
