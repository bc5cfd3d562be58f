/**
 * An application for tests with real front servers. What happens in it is left in the directory of `PEER_DIRECTORY`, so
 * that tests learn it also from a worker that was killed: `begun` has a line `ID PID` for each request that named itself,
 * `aborted-ID` the reason of its signal. `/held/ID` waits until the file `released` is there.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Application, Environ, ResponseBody, StartResponse } from '../../src/app/types.js';
import { filePresent } from './file-present.mjs';
import { pieces } from './peer-bytes.js';

type Handler = (
  environ: Environ,
  startResponse: StartResponse,
  argument: string,
) => ResponseBody | Promise<ResponseBody>;

const directory = process.env['PEER_DIRECTORY'] ?? '.';
const PIECE = Buffer.alloc(65_536, 'e');

function begin(id: string): void {
  appendFileSync(join(directory, 'begun'), `${id} ${process.pid}\n`);
}

function start(startResponse: StartResponse, status = '200 OK', length?: number): void {
  const declared: [string, string][] =
    length === undefined ? [] : [['Content-Length', String(length)]];
  startResponse(status, [['Content-Type', 'text/plain'], ...declared]);
}

function released(): Promise<void> {
  return filePresent(join(directory, 'released'));
}

/** Resolves when the request is over; leaves the reason for the test. */
function aborted({ 'tsuwsgi.signal': signal }: Environ, id: string): Promise<void> {
  return new Promise((resolve) => {
    const note = (): void => {
      const { reason } = signal.reason as { readonly reason: string };
      writeFileSync(join(directory, `aborted-${id}`), reason);
      resolve();
    };
    if (signal.aborted) note();
    else signal.addEventListener('abort', note, { once: true });
  });
}

const handlers: Readonly<Record<string, Handler>> = {
  hello(_environ, startResponse) {
    start(startResponse);
    return 'hello';
  },
  environ(environ, startResponse) {
    start(startResponse);
    const texts = Object.entries(environ).filter(([, value]) => typeof value === 'string');
    return JSON.stringify(Object.fromEntries(texts));
  },
  async hash({ 'wsgi.input': input }, startResponse) {
    const hash = createHash('sha256');
    let length = 0;
    for await (const piece of input) {
      hash.update(piece);
      length += piece.length;
    }
    start(startResponse);
    return `${length} ${hash.digest('hex')}`;
  },
  bytes(_environ, startResponse, length) {
    start(startResponse, '200 OK', Number(length));
    return pieces(Number(length));
  },
  stream(_environ, startResponse, length) {
    start(startResponse);
    return pieces(Number(length));
  },
  status(_environ, startResponse, code) {
    start(startResponse, `${code} As Asked`);
    return `status ${code}`;
  },
  throw: () => {
    throw new Error('thrown on purpose');
  },
  load(_environ, startResponse, id) {
    begin(id);
    start(startResponse);
    return id;
  },
  async held(_environ, startResponse, id) {
    begin(id);
    await released();
    start(startResponse);
    return id;
  },
  async waiting(environ, startResponse, id) {
    begin(id);
    await Promise.race([aborted(environ, id), released()]);
    start(startResponse);
    return 'nobody reads this';
  },
  async *endless(environ: Environ, startResponse: StartResponse, id: string) {
    begin(id);
    const over = aborted(environ, id);
    start(startResponse);
    while (!environ['tsuwsgi.signal'].aborted) yield PIECE;
    await over;
  },
};

export const application: Application = (environ, startResponse) => {
  const [name = '', argument = ''] = environ.PATH_INFO.slice(1).split('/');
  const handler = handlers[name];
  if (handler === undefined) throw new Error(`no handler ${name}`);
  return handler(environ, startResponse, argument);
};
