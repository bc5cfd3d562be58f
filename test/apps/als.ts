/**
 * Each request enters a store of its own and answers what it sees of it, at once or some turns
 * later.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Application } from '../../src/app/types.js';

const storage = new AsyncLocalStorage<string>();

export const application: Application = async (environ, startResponse) => {
  const before = storage.getStore() ?? 'none';
  storage.enterWith(environ.PATH_INFO);
  const turns = Number(environ.QUERY_STRING);
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
  startResponse('200 OK', []);
  return `${before} ${storage.getStore() ?? 'none'}`;
};
