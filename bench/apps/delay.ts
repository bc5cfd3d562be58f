import { setTimeout as sleep } from 'node:timers/promises';
import type { Environ, StartResponse } from './wsgi.js';

export async function application(
  _environ: Environ,
  startResponse: StartResponse,
): Promise<Buffer[]> {
  await sleep(10);
  startResponse('200 OK', [['Content-Type', 'text/html']]);
  return [Buffer.from('Hello World')];
}
