import { RawSocket, requestOnce } from '../helpers/raw-socket.js';
import { startServer, testApp, type Server } from '../helpers/server.js';
import { waitUntil } from '../helpers/wait-until.js';

export type Mode = 'loop' | 'pool';

export const MODES: readonly Mode[] = ['loop', 'pool'];

/** A server that runs test/apps/wire.ts, with what a raw-socket test needs of it. */
export class WireServer {
  readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  get port(): number {
    return this.server.port;
  }

  connect(limitMs?: number): Promise<RawSocket> {
    return RawSocket.connect(this.port, limitMs === undefined ? {} : { limitMs });
  }

  /** GET on a connection of its own; the body's text. */
  async get(path: string): Promise<string> {
    return (await requestOnce(this.port, get(path, 'Connection: close'))).text;
  }

  async application(): Promise<{ readonly events: readonly string[]; readonly produced: number }> {
    return JSON.parse(await this.get('/events')) as { events: string[]; produced: number };
  }

  /** Waits until the application noted an event that matches. */
  async event(pattern: RegExp): Promise<string> {
    return waitUntil(`an event like ${pattern}`, async () => {
      const { events } = await this.application();
      return events.find((text) => pattern.test(text));
    });
  }
}

export function startWire(mode: Mode, args: readonly string[]): Promise<WireServer> {
  const threads = mode === 'pool' ? '2' : '1';
  const all = [
    '--wsgi-file',
    testApp('wire.ts'),
    '--threads',
    threads,
    '--disable-logging',
    ...args,
  ];
  return startServer(all).then((server) => new WireServer(server));
}

/** A suite for each mode, with one server that all its tests use. */
export function describeModes(
  title: string,
  args: readonly string[],
  define: (wire: () => WireServer, mode: Mode) => void,
): void {
  for (const mode of MODES) {
    describe(`${title} (${mode} mode)`, () => {
      let wire: WireServer | undefined;
      before(async () => {
        wire = await startWire(mode, args);
      });
      after(async () => {
        await wire?.server.stop();
      });
      define(() => wire as WireServer, mode);
    });
  }
}

/** A GET request; further header lines without their ends. */
export function get(path: string, ...lines: readonly string[]): string {
  return head('GET', path, ...lines);
}

/** A POST request with a body of known length. */
export function post(path: string, body: string, ...lines: readonly string[]): string {
  return `${head('POST', path, `Content-Length: ${body.length}`, ...lines)}${body}`;
}

/** A request's head in HTTP/1.1. */
export function head(method: string, path: string, ...lines: readonly string[]): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: a.test', ...lines, '', ''].join('\r\n');
}
