import type { Environ, StartResponse } from './wsgi.js';

export function application(environ: Environ, startResponse: StartResponse): Buffer[] {
  startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
  return [environ['wsgi.input'].read()];
}
