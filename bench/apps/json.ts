import { readPayload, type Environ, type StartResponse } from './wsgi.js';

const document: unknown = JSON.parse(readPayload('document.json').toString());

export function application(_environ: Environ, startResponse: StartResponse): string {
  startResponse('200 OK', [['Content-Type', 'application/json']]);
  return JSON.stringify(document);
}
