import type { Application, ResponseBody } from '../../../src/app/types.js';
import type { Operation } from './fake-core.js';

/** The kinds of operations, without those that only tell the core a head. */
export const names = (operations: readonly Operation[]): string[] =>
  operations.map(({ op }) => op).filter((op) => op !== 'DEFINE_HEAD');

export const statuses = (operations: readonly Operation[]): number[] =>
  operations.map(({ status }) => status);

/** An application that answers 200 with what `make` returns. */
export function returning(make: () => unknown): Application {
  return (_environ, startResponse) => {
    startResponse('200 OK', [['X-Kind', 'test']]);
    return make() as ResponseBody;
  };
}

export async function* asyncPieces(...all: string[]): AsyncGenerator<string> {
  for (const piece of all) {
    await Promise.resolve();
    yield piece;
  }
}

export function* pieces(...all: string[]): Generator<string> {
  yield* all;
}

/** The first one, which must be there. */
export function first<T>(list: readonly T[]): T {
  const [item] = list;
  if (item === undefined) throw new Error('the list is empty');
  return item;
}
