/**
 * An application for tests of the environ: whatever is asked, it answers with all entries as JSON, those
 * that are no text by their type, and the request's body as the entry `body`.
 */
import type { Application } from '../../src/app/types.js';

export const application: Application = (environ, startResponse) => {
  const entries = Object.entries(environ).map(([key, value]) => [key, shown(value)]);
  const body = Buffer.from(environ['wsgi.input'].read()).toString('latin1');
  startResponse('200 OK', [['Content-Type', 'application/json']]);
  return JSON.stringify(Object.fromEntries([...entries, ['body', body]]));
};

function shown(value: unknown): unknown {
  return ['string', 'boolean', 'number'].includes(typeof value) ? value : `(${typeof value})`;
}
