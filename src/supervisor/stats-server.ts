/** `--stats`: whoever connects gets one JSON document, then the connection closes. */
import { chmodSync, chownSync, existsSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { UnixAccess } from '../binding/native.js';
import { parseAddress } from '../config/address.js';
import type { Config } from '../config/config.js';
import { ListenError } from '../errors.js';
import type { Logger } from '../log/logger.js';

export type StatsOptions = Pick<Config, 'stats' | 'statsHttp' | 'vacuum'>;

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
      setAccess(place, access);
    } catch (error) {
      // The file goes with it.
      server.close();
      throw new ListenError(`--stats ${options.stats}: ${reasonOf(error, place)}`, {
        cause: error,
      });
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

function setAccess(place: Place, { mode, owner, group }: UnixAccess): void {
  if (!('path' in place) || place.file === undefined) return;
  chownSync(place.file, owner, group);
  if (mode >= 0) chmodSync(place.file, mode);
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
    if (!('path' in place) || place.file === undefined || codeOf(error) !== 'EADDRINUSE')
      throw error;
    if (!(await isAbandoned(place.file))) throw error;
    rmSync(place.file, { force: true });
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

/**
 * Whether the file is a socket on which nobody listens any more. Only a refused connection says so: a full queue and a
 * missing permission may both mean a server that lives. A file that is no socket is somebody's data; connecting to it is
 * refused as well.
 */
function isAbandoned(file: string): Promise<boolean> {
  if (lstatSync(file, { throwIfNoEntry: false })?.isSocket() !== true)
    return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = connect(file);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error) => resolve(codeOf(error) === 'ECONNREFUSED'));
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function reasonOf(error: unknown, place: Place): string {
  // For a missing directory libuv says EACCES.
  const directory = 'path' in place && place.file !== undefined ? dirname(place.file) : '.';
  if (!existsSync(directory)) return `the directory ${directory} does not exist`;
  return error instanceof Error ? error.message : String(error);
}
