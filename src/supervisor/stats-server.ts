/** `--stats`: whoever connects gets one JSON document, then the connection closes. */
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { UnixAccess } from '../binding/native.js';
import { parseAddress } from '../config/address.js';
import type { Config } from '../config/config.js';
import { ListenError } from '../errors.js';
import type { Logger } from '../log/logger.js';

export type StatsOptions = Pick<Config, 'stats' | 'statsHttp' | 'chmodSocket' | 'vacuum'>;

/** A client of `--stats-http` that sends nothing. */
const PATIENCE_MS = 4000;

const HTTP_HEAD = [
  'HTTP/1.0 200 OK',
  'Connection: close',
  'Access-Control-Allow-Origin: *',
  'Content-Type: application/json',
  '',
  '',
].join('\r\n');

type Place =
  | { readonly host: string; readonly port: number }
  | { readonly path: string; readonly file: string | undefined };

export class StatsServer {
  readonly #options: StatsOptions;
  readonly #server: Server;
  readonly #place: Place;
  #document: (() => string) | undefined;

  private constructor(options: StatsOptions, server: Server, place: Place) {
    this.#options = options;
    this.#server = server;
    this.#place = place;
    server.on('connection', (socket) => this.#serve(socket));
    server.on('error', () => undefined);
  }

  /** Binds the address; undefined where none is configured. Throws ListenError. */
  static async open(
    options: StatsOptions,
    access: UnixAccess,
    logger: Logger,
  ): Promise<StatsServer | undefined> {
    if (options.stats === undefined) return undefined;
    const place = placeOf(options.stats);
    const server = createServer();
    try {
      await listen(server, place);
    } catch (error) {
      throw new ListenError(`--stats ${options.stats}: ${reasonOf(error)}`, { cause: error });
    }
    if ('path' in place && place.file !== undefined) {
      chownSync(place.file, access.owner, access.group);
      if (options.chmodSocket !== undefined) chmodSync(place.file, options.chmodSocket);
    }
    const stats = new StatsServer(options, server, place);
    logger.fact(`*** Stats server enabled on ${stats.address} ***`, { stats: stats.address });
    return stats;
  }

  /** As it was bound. */
  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return this.#options.stats ?? '';
    const { address: host, port } = address;
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }

  /** Connections that came before are answered now. */
  answerWith(document: () => string): void {
    this.#document = document;
  }

  close(): void {
    this.#server.close();
    if (!this.#options.vacuum || !('path' in this.#place)) return;
    if (this.#place.file !== undefined) rmSync(this.#place.file, { force: true });
  }

  #serve(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    if (!this.#options.statsHttp) {
      socket.end(this.#document?.() ?? '{}');
      return;
    }
    socket.once('data', () => {
      socket.end(HTTP_HEAD + (this.#document?.() ?? '{}'));
    });
  }
}

/** Throws ListenError for a text that is no address. */
function placeOf(text: string): Place {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new ListenError(`--stats ${text} ${parsed.reason}`);
  const address = parsed.value;
  switch (address.kind) {
    case 'tcp':
      return { host: address.host === '' ? '0.0.0.0' : address.host, port: address.port };
    case 'unix':
      return address.abstractName
        ? { path: `\0${address.name}`, file: undefined }
        : { path: address.name, file: address.name };
    case 'fd':
      throw new ListenError(`--stats ${text}: name an address`);
  }
}

async function listen(server: Server, place: Place): Promise<void> {
  try {
    await listenOnce(server, place);
  } catch (error) {
    const stale = 'path' in place && place.file !== undefined && isInUse(error);
    if (!stale || (await answers(place.path))) throw error;
    rmSync(place.path, { force: true });
    await listenOnce(server, place);
  }
}

function listenOnce(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Whether somebody listens behind the socket's file: it is not taken from a server that lives. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
