/** What the router refuses by itself, before any backend is asked. */
import type { Environ, Header } from '../app/types.js';
import type { RequestBody } from '../worker/request-body.js';

export interface Refusal {
  readonly status: string;
  readonly headers: readonly Header[];
}

export const TEXT_HEADERS: readonly Header[] = [['Content-Type', 'text/plain; charset=utf-8']];

/** Undefined: the request may go to a backend. */
export function refusalFor(environ: Environ, body: RequestBody): Refusal | undefined {
  // The uwsgi protocol announces a body by its length only.
  if (body.kind === 'streamed' && environ.CONTENT_LENGTH === undefined) {
    return { status: '411 Length Required', headers: [] };
  }
  if (asksForWebSocket(environ)) return { status: '501 Not Implemented', headers: [] };
  return undefined;
}

/** Other protocols that a client would like to switch to are not mentioned to the backend (RFC 9110 section 7.8). */
function asksForWebSocket(environ: Environ): boolean {
  const upgrade = environ['HTTP_UPGRADE'];
  if (upgrade === undefined) return false;
  const protocols = upgrade.toLowerCase().split(',');
  return protocols.some((protocol) => /^\s*websocket(?:\/\S*)?\s*$/.test(protocol));
}
