import { statSync } from 'node:fs';
import { payloadPath, type Environ, type StartResponse } from './wsgi.js';

const path = payloadPath('file.bin');
const length = String(statSync(path).size);

export function application(environ: Environ, startResponse: StartResponse): Iterable<Uint8Array> {
  startResponse('200 OK', [
    ['Content-Type', 'application/octet-stream'],
    ['Content-Length', length],
  ]);
  return environ['wsgi.file_wrapper'](path);
}
