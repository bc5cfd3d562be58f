/** One server that is reached in three ways at once: HTTP over TCP, and nginx before it over UNIX sockets, HTTP and uwsgi. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KeptLoad, type LoadWindow } from '../helpers/kept-load.js';
import { requireProgram, skipFor } from '../helpers/programs.js';
import { startServer, type Server } from '../helpers/server.js';
import { brokenApp } from '../helpers/supervised-apps.js';
import { NGINX_KEPT, startNginx, STOCK_PARAMETERS } from '../peers/fronts/nginx.js';
import { freePort, sharedDirectory } from '../peers/place.js';

/** Kept by clients at each door. */
const CONNECTIONS = 64;
/** Requests per second at each door. */
const RATE = 150;

/** As small as can be: what is looked at is the server. */
const ECHO = `export const application = (environ, startResponse) => { startResponse('200 OK', []); return environ.QUERY_STRING; };\n`;

export interface ThreeDoors {
  readonly server: Server;
  readonly ports: Readonly<Record<string, number>>;
}

function nginxBlocks(directory: string, http: number, uwsgi: number): string {
  return `
  keepalive_requests 1000000;
  upstream behind { server unix:${directory}/http.sock; keepalive ${NGINX_KEPT}; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${http} backlog=1024;
    location / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
  server {
    listen 127.0.0.1:${uwsgi} backlog=1024;
    location / { include ${STOCK_PARAMETERS}; uwsgi_pass unix:${directory}/uwsgi.sock; }
  }`;
}

/** For hooks: skips what needs nginx where that is not installed. */
export function requireDoors(context: Mocha.Context): void {
  requireProgram(context, 'nginx');
  if (!existsSync(STOCK_PARAMETERS)) skipFor(context, `${STOCK_PARAMETERS} is missing`);
}

/** A server with two workers; `args`: what it gets beside its sockets and its application. */
export async function openThreeDoors(args: readonly string[] = []): Promise<ThreeDoors> {
  const directory = sharedDirectory();
  const server = await startServer([
    ...['--http-socket', '127.0.0.1:0', '--http-socket', join(directory, 'http.sock')],
    ...['--socket', join(directory, 'uwsgi.sock'), '--chmod-socket=666', '-L'],
    ...['--processes', '2', '--wsgi-file', brokenApp(ECHO).path, ...args],
  ]);
  const [http, uwsgi] = [await freePort(), await freePort()];
  await startNginx(directory, http, nginxBlocks(directory, http, uwsgi));
  return { server, ports: { tcp: server.portOf(1), 'nginx http': http, 'nginx uwsgi': uwsgi } };
}

/** Constant loads on all doors, as one. */
export class DoorLoads {
  readonly #loads: ReadonlyMap<string, KeptLoad>;

  private constructor({ ports }: ThreeDoors) {
    const load = (target: number): KeptLoad =>
      new KeptLoad({ target, connections: CONNECTIONS, rate: RATE, numbered: true });
    this.#loads = new Map(Object.entries(ports).map(([door, port]) => [door, load(port)]));
  }

  /** Resolves once every door answers. */
  static async start(doors: ThreeDoors): Promise<DoorLoads> {
    const loads = new DoorLoads(doors);
    await loads.answered(100);
    return loads;
  }

  /** Latencies of each door count into a new window from now on. */
  begin(name: string): readonly LoadWindow[] {
    return [...this.#loads].map(([door, load]) => load.begin(`${name}, ${door}`));
  }

  async answered(count: number): Promise<void> {
    await Promise.all([...this.#loads.values()].map((load) => load.answered(count)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#loads.values()].map((load) => load.stop()));
  }

  complaints(): string[] {
    return [...this.#loads].flatMap(([door, load]) =>
      load.complaints().map((complaint) => `${door}: ${complaint}`),
    );
  }
}
