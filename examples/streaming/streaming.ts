/**
 * Bodies that are made while they are sent. Try:
 *
 *     tsuwsgi-native --http-socket :9090 --wsgi-file examples/streaming/streaming.ts
 *     curl -N localhost:9090/clock
 *     curl localhost:9090/numbers | tail -1
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Application } from 'tsuwsgi-native';

/**
 * A line a second until the client leaves: then the signal ends the wait, and the generator with
 * it.
 */
async function* clock(signal: AbortSignal): AsyncGenerator<string> {
  for (;;) {
    yield `${new Date().toISOString()}\n`;
    await delay(1000, undefined, { signal });
  }
}

/** Made no faster than the client reads: a slow client does not fill the memory. */
function* numbers(last: number): Generator<string> {
  for (let n = 1; n <= last; n++) yield `${n}\n`;
}

export const application: Application = (environ, startResponse) => {
  if (environ.PATH_INFO === '/clock') {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return clock(environ['tsuwsgi.signal']);
  }
  if (environ.PATH_INFO === '/numbers') {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return numbers(1_000_000);
  }
  startResponse('404 Not Found', [['Content-Type', 'text/plain']]);
  return 'Try /clock or /numbers\n';
};
