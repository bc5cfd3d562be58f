import type { Environ, StartResponse } from './wsgi.js';

export function application(_environ: Environ, startResponse: StartResponse): Buffer[] {
  startResponse('200 OK', [['Content-Type', 'text/html']]);
  return [Buffer.from('Hello World')];
}
