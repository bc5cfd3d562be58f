import type { Environ, StartResponse } from 'tsuwsgi-native';

export function application(environ: Environ, startResponse: StartResponse) {
  startResponse('200 OK', [['Content-Type', 'text/html']]);
  return [Buffer.from('Hello World')];
}
