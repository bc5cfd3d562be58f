/**
 * `--stats`: whoever connects gets one JSON document, then the connection closes, as uWSGI does it. With `--stats-http`
 * whoever sends a request gets an answer in HTTP; a client that says nothing gets the document as well.
 */
import { closeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { UnixAccess } from '../../binding/native.js';
import { UnixSocketFile } from '../../binding/unix-socket-file.js';
import type { Config } from '../../config/config.js';
import { accepted } from '../../config/parsed.js';
import { parseStatsPlace, type StatsPlace } from '../../config/stats-place.js';
import type { Logger } from '../../log/logger.js';
import { bindPlace, boundAddress } from './stats-address.js';
import { answerStats, type StatsSource } from './stats-endpoints.js';
import { plain, readRequest, responseText, type StatsResponse } from './stats-http.js';
import { StatsPage } from './stats-page.js';

/** A socket by the address as its option was written. */
export interface KeptStatsSocket {
  readonly text: string;
  readonly fd: number;
}

export interface StatsHeir {
  readonly kept: readonly KeptStatsSocket[];
  readonly takenOver: Promise<void>;
}

export type StatsOptions = Pick<Config, 'stats' | 'statsHttp' | 'vacuum'>;

/** For a whole connection: whoever sends or reads more slowly is cut. */
const PATIENCE_MS = 10_000;
/** A client of `--stats-http` that is silent for so long waits for a document, as clients of uWSGI do. */
const SILENCE_MS = 500;
const MAX_CONNECTIONS = 256;

export class StatsServer {
  readonly #options: StatsOptions;
  readonly #page = new StatsPage();
  readonly #bound: {
    readonly server: Server;
    readonly file: UnixSocketFile | undefined;
    readonly text: string;
  }[] = [];
  readonly #sockets = new Set<Socket>();
  #source: StatsSource | undefined;

  private constructor(options: StatsOptions) {
    this.#options = options;
  }

  /**
   * Binds the addresses; undefined where none is configured. Throws ListenError. With `heir` that is done when the running
   * server has let go of them, with the sockets that it left; those of other addresses are closed.
   */
  static async open(
    options: StatsOptions,
    access: UnixAccess,
    logger: Logger,
    heir?: StatsHeir,
  ): Promise<StatsServer | undefined> {
    const others = closeOthers(heir?.kept ?? [], options);
    if (options.vacuum)
      void heir?.takenOver.then(() => {
        for (const file of others) file.remove();
      });
    if (options.stats.length === 0) return undefined;
    const stats = new StatsServer(options);
    if (heir !== undefined) {
      void heir.takenOver
        .then(() => stats.#bindAll(access, logger, heir.kept))
        .catch((error: unknown) => logger.error(String(error)));
      return stats;
    }
    try {
      await stats.#bindAll(access, logger, []);
    } catch (error) {
      stats.close();
      throw error;
    }
    return stats;
  }

  async #bindAll(
    access: UnixAccess,
    logger: Logger,
    kept: readonly KeptStatsSocket[],
  ): Promise<void> {
    for (const text of this.#options.stats) {
      await this.#bind(text, access, kept.find((socket) => socket.text === text)?.fd);
    }
    for (const address of this.addresses)
      logger.fact(`*** Stats server enabled on ${address} ***`, { stats: address });
  }

  /** What another server can go on with. */
  get sockets(): KeptStatsSocket[] {
    return this.#bound.flatMap(({ server, text }) => {
      const { _handle: handle } = server as unknown as {
        readonly _handle?: { readonly fd: number };
      };
      return handle === undefined ? [] : [{ text, fd: handle.fd }];
    });
  }

  /** As they were bound. */
  get addresses(): string[] {
    return this.#bound.map(({ server, text }) => boundAddress(server, text));
  }

  /** Until then there is nothing to tell. */
  answerWith(source: StatsSource): void {
    this.#source = source;
  }

  close(): void {
    if (this.#options.vacuum) for (const { file } of this.#bound) file?.remove();
    this.leave();
  }

  /** Its sockets and their files are the next server's. */
  leave(): void {
    for (const { server } of this.#bound.splice(0)) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #bind(text: string, access: UnixAccess, fd: number | undefined): Promise<void> {
    const [place] = accepted([text], parseStatsPlace);
    if (place === undefined) return;
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    server.maxConnections = MAX_CONNECTIONS;
    if (fd === undefined) await bindPlace(server, place, access, text);
    else await new Promise<void>((resolve) => server.listen({ fd }, resolve));
    server.on('error', () => undefined);
    this.#bound.push({ server, file: fileOf(place), text });
  }

  #serve(socket: Socket): void {
    const limit = setTimeout(() => socket.destroy(), PATIENCE_MS);
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(limit);
      this.#sockets.delete(socket);
    });
    if (this.#options.statsHttp) this.#listen(socket);
    else {
      this.#sendDocument(socket);
      socket.resume();
    }
  }

  /** Waits for a request's head; what comes behind it is not read. */
  #listen(socket: Socket): void {
    let text = '';
    const silence = setTimeout(() => this.#sendDocument(socket), SILENCE_MS);
    socket.on('close', () => clearTimeout(silence));
    const onData = (bytes: Buffer): void => {
      clearTimeout(silence);
      text += bytes.toString('latin1');
      const request = readRequest(text);
      if (request === undefined) return;
      socket.off('data', onData);
      socket.resume();
      const withBody = typeof request === 'string' || request.method !== 'HEAD';
      socket.end(responseText(this.#answer(request), withBody));
    };
    socket.on('data', onData);
    socket.on('end', () => {
      clearTimeout(silence);
      if (text === '') this.#sendDocument(socket);
    });
  }

  #answer(request: Exclude<ReturnType<typeof readRequest>, undefined>): StatsResponse {
    if (request === 'bad') return plain(400, 'this is not a request of HTTP/1.1');
    if (request === 'too-large') return plain(431, 'the request is too long');
    if (this.#source === undefined) return plain(503, 'the server is starting');
    return answerStats(request, this.#source, this.#page);
  }

  #sendDocument(socket: Socket): void {
    if (!socket.writableEnded) socket.end(this.#source?.document() ?? '{}');
  }
}

/** They would go on listening, in the way of an address that is only written in another manner. Returns their files. */
function closeOthers(
  kept: readonly KeptStatsSocket[],
  { stats }: StatsOptions,
): readonly UnixSocketFile[] {
  const others = kept.filter(({ text }) => !stats.includes(text));
  for (const { fd } of others) closeSync(fd);
  return accepted(
    others.map(({ text }) => text),
    parseStatsPlace,
  ).flatMap((place) => fileOf(place) ?? []);
}

function fileOf(place: StatsPlace): UnixSocketFile | undefined {
  return 'file' in place ? new UnixSocketFile(place.file) : undefined;
}
