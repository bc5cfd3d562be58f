import { readPayload, type Environ, type StartResponse } from './wsgi.js';

const body = readPayload('large.bin');

export function application(_environ: Environ, startResponse: StartResponse): Buffer[] {
  startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
  return [body];
}
