/** Addresses of uwsgi servers, as `--http-to` writes them. */
import { parseAddress } from './address.js';
import { type Parsed, invalid, valid } from './parsed.js';

/** Where to connect. `text` is for log lines. */
export type BackendAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly text: string }
  /** A path; an abstract name starts with a NUL character. */
  | { readonly kind: 'unix'; readonly path: string; readonly text: string };

/** One or several, with commas between them. */
export function parseBackends(text: string): Parsed<readonly BackendAddress[]> {
  const backends: BackendAddress[] = [];
  for (const part of text.split(',')) {
    const parsed = parseBackend(part.trim());
    if (!parsed.ok) return parsed;
    backends.push(parsed.value);
  }
  return valid(backends);
}

function parseBackend(text: string): Parsed<BackendAddress> {
  const parsed = parseAddress(text);
  if (!parsed.ok) return parsed;
  const address = parsed.value;
  switch (address.kind) {
    case 'tcp':
      if (address.port === 0) return invalid(`names no port to connect to: ${text}`);
      return valid({ kind: 'tcp', host: reachable(address.host), port: address.port, text });
    case 'unix':
      return valid({ kind: 'unix', path: unixPath(address), text });
    case 'fd':
      return invalid(`is a listening socket, not an address to connect to: ${text}`);
  }
}

/** What listens on every address of the machine is reached through the loopback interface. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** As node:net takes it: an abstract name starts with a NUL character. */
export function unixPath(address: {
  readonly name: string;
  readonly abstractName: boolean;
}): string {
  return address.abstractName ? `\0${address.name}` : address.name;
}
