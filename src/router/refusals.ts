/** What the router refuses by itself, before any backend is asked. */
import type { Environ, Header } from '../app/types.js';
import type { RequestBody } from '../worker/gateway/request-body.js';

export interface Refusal {
  readonly status: string;
  /** For the log: a sentence without its end. */
  readonly reason: string;
}

export const PACKET_TOO_LARGE: Refusal = {
  status: '431 Request Header Fields Too Large',
  reason: 'its variables are more than a packet of the uwsgi protocol, or --buffer-size, holds',
};

export const TEXT_HEADERS: readonly Header[] = [['Content-Type', 'text/plain; charset=utf-8']];

/** Undefined: the request may go to a backend. */
export function refusalFor(environ: Environ, body: RequestBody): Refusal | undefined {
  // The uwsgi protocol announces a body by its length only.
  if (body.kind === 'streamed' && environ.CONTENT_LENGTH === undefined) {
    const reason = 'a chunked body cannot be passed on while it comes (--post-buffering 0)';
    return { status: '411 Length Required', reason };
  }
  if (asksForWebSocket(environ))
    return { status: '501 Not Implemented', reason: 'WebSockets are not passed on' };
  return undefined;
}

/**
 * A handshake (RFC 6455 section 4.1). Other offers to switch protocols, and those that do not count (RFC 9110 section
 * 7.8), are not mentioned to the backend.
 */
function asksForWebSocket(environ: Environ): boolean {
  const upgrade = environ['HTTP_UPGRADE'];
  if (upgrade === undefined) return false;
  return (
    elements(upgrade).some((protocol) => /^websocket(?:\/\S*)?$/.test(protocol)) &&
    elements(environ['HTTP_CONNECTION']).includes('upgrade') &&
    environ.REQUEST_METHOD === 'GET' &&
    environ.SERVER_PROTOCOL === 'HTTP/1.1'
  );
}

/** Of a list field. */
function elements(field: string | undefined): readonly string[] {
  return (field ?? '')
    .toLowerCase()
    .split(',')
    .map((element) => element.trim());
}
