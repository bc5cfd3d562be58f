/** Reads the statistics of a server, however its address speaks: at once as JSON, or in HTTP. */
import { connect, type Socket } from 'node:net';
import { connectUnix } from '../../binding/unix-streams.js';
import { parseAddress } from '../../config/address.js';
import { unixPath } from '../../config/backend-address.js';
import { ConfigError } from '../../errors.js';

export interface StatsAddress {
  readonly target: { readonly host: string; readonly port: number } | { readonly path: string };
  /** The request to begin with; undefined: wait for what the server says by itself. */
  readonly request: string | undefined;
}

/** A server that is silent for so long waits for a request. */
const SILENCE_MS = 150;
const PATIENCE_MS = 5000;
const MAX_BYTES = 64 * 1024 * 1024;

/** `host:port`, `:port`, a path, `unix:path`, or `http://host:port/path`. Throws a ConfigError for anything else. */
export function parseStatsAddress(text: string): StatsAddress {
  const http = /^http:\/\/([^/]+)(\/.*)?$/i.exec(text);
  const parsed = parseAddress(http?.[1] ?? text);
  if (!parsed.ok) throw new ConfigError([`top ${text}: ${parsed.reason}`]);
  const address = parsed.value;
  const path = http?.[2] === undefined || http[2] === '/' ? '/stats' : http[2];
  const request = http === null ? undefined : requestText(http[1] ?? '', path);
  switch (address.kind) {
    case 'tcp':
      return {
        target: { host: reachable(address.host), port: address.port },
        request,
      };
    case 'unix':
      return {
        target: { path: unixPath(address) },
        request,
      };
    case 'fd':
      throw new ConfigError([`top ${text}: name an address`]);
  }
}

/** Every address of the machine is no address to connect to. */
function reachable(host: string): string {
  if (host === '' || host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function requestText(host: string, path: string): string {
  return `GET ${path} HTTP/1.0\r\nHost: ${host}\r\nAccept: application/json\r\n\r\n`;
}

/** The JSON text. Rejects where there is no server, no answer in time, or an answer that is an error. */
export async function readStats({ target, request }: StatsAddress): Promise<string> {
  const socket = 'path' in target ? connectUnix(target.path) : connect(target);
  const silence = setTimeout(() => {
    socket.write(requestText('localhost', '/stats'));
  }, SILENCE_MS);
  try {
    if (request !== undefined) socket.write(request);
    return bodyOf(await readToEnd(socket, silence, request !== undefined));
  } finally {
    clearTimeout(silence);
    socket.destroy();
  }
}

function readToEnd(socket: Socket, silence: NodeJS.Timeout, asked: boolean): Promise<string> {
  if (asked) clearTimeout(silence);
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`));
    }, PATIENCE_MS);
    const parts: Buffer[] = [];
    let bytes = 0;
    socket.on('data', (part: Buffer) => {
      clearTimeout(silence);
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_BYTES) reject(new Error('the answer does not end'));
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(limit);
      resolve(Buffer.concat(parts).toString('utf8'));
    });
  });
}

function bodyOf(text: string): string {
  if (!text.startsWith('HTTP/1.')) return text;
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end);
  if (!/^HTTP\/1\.[01] 200 /.test(head)) throw new Error(head.split('\r\n', 1)[0] ?? '');
  return text.slice(end + 4);
}
