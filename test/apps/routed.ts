/** An application for tests of the HTTP router: what it does depends on the path. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Application, Environ, ResponseBody, StartResponse } from '../../src/app/types.js';
import { filePresent } from './file-present.mjs';

type Handler = (
  environ: Environ,
  startResponse: StartResponse,
) => ResponseBody | Promise<ResponseBody>;

function plain(startResponse: StartResponse): void {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
}

/** Leaves the method's name in the directory that the query string names, and waits for the file `told` there. */
function told({ REQUEST_METHOD, QUERY_STRING }: Environ): Promise<void> {
  writeFileSync(join(QUERY_STRING, REQUEST_METHOD), '');
  return filePresent(join(QUERY_STRING, 'told'));
}

const handlers: Readonly<Record<string, Handler>> = {
  '/pid': (_environ, startResponse) => {
    plain(startResponse);
    return String(process.pid);
  },
  '/environ': (environ, startResponse) => {
    plain(startResponse);
    return JSON.stringify(environ, (_key, value: unknown) =>
      typeof value === 'object' && value !== environ ? undefined : value,
    );
  },
  '/echo': (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
    return environ['wsgi.input'];
  },
  '/until': async (environ, startResponse) => {
    plain(startResponse);
    await told(environ);
    return String(process.pid);
  },
  '/begin-until': async function* begin(environ, startResponse) {
    startResponse('200 OK', [['Content-Length', '10']]);
    yield 'begun ';
    await told(environ);
    yield 'done';
  } as Handler,
  '/empty': (_environ, startResponse) => {
    startResponse('204 No Content', []);
    return [];
  },
  '/not-modified': (_environ, startResponse) => {
    startResponse('304 Not Modified', [['ETag', '"a"']]);
    return [];
  },
  '/large': (environ, startResponse) => {
    plain(startResponse);
    return Buffer.alloc(Number(environ.QUERY_STRING), 'l');
  },
};

export const application: Application = (environ, startResponse) => {
  const handler = handlers[environ.PATH_INFO];
  if (handler !== undefined) return handler(environ, startResponse);
  startResponse('404 Not Found', [['Content-Type', 'text/plain']]);
  return 'Not Found\n';
};
