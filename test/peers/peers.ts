/** The front servers, as data. */
import { existsSync } from 'node:fs';
import { findProgram } from '../helpers/programs.js';
import type { Server } from '../helpers/server.js';
import { missingApacheModule, startApache } from './fronts/apache.js';
import { startLighttpd } from './fronts/lighttpd.js';
import { NGINX_KEPT, startNginxHttp, startNginxUwsgi, STOCK_PARAMETERS } from './fronts/nginx.js';
import { startOwnRouter } from './fronts/own-router.js';
import { missingUwsgiPlugin, startFastRouter, startHttpRouter } from './fronts/uwsgi.js';
import type { Place, Transport } from './place.js';

export type Notice = 'at once' | 'when it writes';

export interface Peer {
  readonly name: string;
  readonly protocol: 'uwsgi' | 'http';
  /** Why it cannot run here. */
  missing(): string | undefined;
  /** The processes that have to be stopped, the first one first. */
  start(place: Place): Promise<readonly Server[]>;
  /** Idle connections that it may keep to the server behind it. */
  readonly keeps: number;
  /**
   * When the server behind it can know that the client has left: at once, or when the peer next has bytes for that
   * client and closes.
   */
  noticesLeaving(transport: Transport): Notice;
  /** What becomes of a body that comes in chunks: the server behind it gets its bytes, the client 411, or nobody looks at it. */
  readonly chunks: 'decoded' | 'refused' | 'ignored';
  /** What its client sees where the server behind it ends in the middle: a status, or nothing. */
  readonly onDeath: readonly (number | 'broken')[];
}

function needs(...programs: readonly string[]): () => string | undefined {
  return () => {
    const missing = programs.find((name) => findProgram(name) === undefined);
    return missing === undefined ? undefined : `${missing} is not installed`;
  };
}

async function alone(start: Promise<Server>): Promise<readonly Server[]> {
  return [await start];
}

/**
 * Over TCP the close of a peer that has sent its whole request looks like the end of the sending direction alone, and
 * whoever says no more may still listen. A UNIX socket tells the two apart.
 */
function closesAtOnce(transport: Transport): Notice {
  return transport === 'unix' ? 'at once' : 'when it writes';
}

function closesWhenItWrites(): Notice {
  return 'when it writes';
}

const nginx = needs('nginx');
const parameters = (): string | undefined =>
  existsSync(STOCK_PARAMETERS) ? undefined : `${STOCK_PARAMETERS} is missing`;

/** The router of this server, as a peer of another instance and of uWSGI. */
export const OWN_ROUTER: Peer = {
  name: 'tsuwsgi-native --http',
  protocol: 'uwsgi',
  missing: () => undefined,
  start: (place) => alone(startOwnRouter(place)),
  keeps: 0,
  noticesLeaving: closesAtOnce,
  chunks: 'decoded',
  onDeath: [502],
};

export const PEERS: readonly Peer[] = [
  {
    name: 'nginx, uwsgi_pass',
    protocol: 'uwsgi',
    missing: () => nginx() ?? parameters(),
    start: (place) => alone(startNginxUwsgi(place)),
    keeps: 0,
    noticesLeaving: closesAtOnce,
    chunks: 'decoded',
    onDeath: [502],
  },
  {
    name: 'Apache, mod_proxy_uwsgi',
    protocol: 'uwsgi',
    missing: () => needs('apache2')() ?? missingApacheModule(),
    start: (place) => alone(startApache(place)),
    keeps: 0,
    noticesLeaving: closesWhenItWrites,
    chunks: 'refused',
    onDeath: [500, 502],
  },
  {
    name: 'lighttpd, mod_scgi with uwsgi',
    protocol: 'uwsgi',
    missing: needs('lighttpd'),
    start: (place) => alone(startLighttpd(place)),
    keeps: 0,
    noticesLeaving: closesWhenItWrites,
    chunks: 'decoded',
    onDeath: [500],
  },
  {
    name: "uWSGI's HTTP router",
    protocol: 'uwsgi',
    missing: () => needs('uwsgi')() ?? missingUwsgiPlugin('http'),
    start: (place) => alone(startHttpRouter(place)),
    keeps: 0,
    noticesLeaving: closesAtOnce,
    chunks: 'ignored',
    onDeath: ['broken'],
  },
  {
    name: "uWSGI's fastrouter behind nginx",
    protocol: 'uwsgi',
    missing: () => nginx() ?? parameters() ?? needs('uwsgi')() ?? missingUwsgiPlugin('fastrouter'),
    start: startFastRouter,
    keeps: 0,
    noticesLeaving: closesAtOnce,
    chunks: 'decoded',
    onDeath: [502],
  },
  {
    name: 'nginx, proxy_pass',
    protocol: 'http',
    missing: nginx,
    start: (place) => alone(startNginxHttp(place)),
    keeps: NGINX_KEPT,
    noticesLeaving: closesAtOnce,
    chunks: 'decoded',
    onDeath: [502],
  },
  OWN_ROUTER,
];

export const TRANSPORTS: readonly Transport[] = ['tcp', 'unix'];
