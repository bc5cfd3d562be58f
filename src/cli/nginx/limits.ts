/** Sizes and times on which nginx and the server have to agree. */
import type { Config } from '../../config/config.js';
import { directive, duration, size, type Directive } from './directive.js';
import type { Upstream } from './upstream.js';

/** What nginx allows beyond the server, so that the server's answer comes first. */
const MARGIN_SECONDS = 5;
const NGINX_READ_TIMEOUT = 60;
const NGINX_HEADER_BUFFER = 8192;
const NGINX_HEADER_BUFFERS = 4;
/** Of a request line, beside its target. */
const REQUEST_LINE_BYTES = 64;
const LARGEST_BODY_BUFFER = 1 << 20;

export function limits(config: Config, upstream: Upstream): Directive[] {
  const prefix = upstream.kind === 'uwsgi' ? 'uwsgi' : 'proxy';
  return [
    bodyLimit(config),
    ...buffering(config, prefix),
    ...headBuffers(config),
    readTimeout(config, upstream, prefix),
  ];
}

function bodyLimit({ limitPost }: Config): Directive {
  const because =
    limitPost === 0
      ? "limit-post is off: without this line nginx's own limit is 1 MB"
      : 'limit-post: both refuse a larger body with 413';
  return directive('client_max_body_size', [size(limitPost)], because);
}

/** nginx collects a body before it passes it on, unless the application wants to see it as it comes. */
function buffering(config: Config, prefix: string): Directive[] {
  if (config.postBuffering > 0) {
    const bytes = Math.min(config.postBuffering, LARGEST_BODY_BUFFER);
    return [
      directive(
        'client_body_buffer_size',
        [size(bytes)],
        'post-buffering: larger bodies go to a file here as there',
      ),
    ];
  }
  const streaming = directive(
    `${prefix}_request_buffering`,
    ['off'],
    'post-buffering = 0: the application reads bodies as they come',
  );
  if (config.bodyTimeout === 0) return [streaming];
  const shorter =
    config.bodyTimeout > 2 * MARGIN_SECONDS
      ? config.bodyTimeout - MARGIN_SECONDS
      : config.bodyTimeout / 2;
  const because = `shorter than body-timeout (${duration(config.bodyTimeout)}): a client that stops sending is nginx's to refuse`;
  return [streaming, directive('client_body_timeout', [duration(shorter)], because)];
}

/** Only where the server takes more than nginx does by itself. */
function headBuffers({ limitTarget, bufferSize }: Config): Directive[] {
  const longTarget = limitTarget > NGINX_HEADER_BUFFER;
  const one = longTarget ? kilobytes(limitTarget + REQUEST_LINE_BYTES) : NGINX_HEADER_BUFFER;
  const count = Math.max(NGINX_HEADER_BUFFERS, Math.ceil(bufferSize / one));
  if (!longTarget && count === NGINX_HEADER_BUFFERS) return [];
  const because =
    'limit-target and buffer-size: nginx refuses no request head that the server takes';
  return [directive('large_client_header_buffers', [count, size(one)], because)];
}

function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024) * 1024;
}

function readTimeout(config: Config, upstream: Upstream, prefix: string): Directive {
  const name = `${prefix}_read_timeout`;
  const routed = upstream.kind === 'router' ? config.httpTimeout : 0;
  const [option, seconds] =
    config.harakiri >= routed ? ['harakiri', config.harakiri] : ['http-timeout', routed];
  if (seconds === 0) {
    const because =
      'harakiri is off: nginx gives up first, and the request is aborted in the server';
    return directive(name, [duration(NGINX_READ_TIMEOUT)], because);
  }
  const because = `longer than ${option} (${duration(seconds)}): the server ends the request and answers 504 before nginx gives up`;
  return directive(name, [duration(seconds + MARGIN_SECONDS)], because);
}
