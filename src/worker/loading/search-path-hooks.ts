/** The hook of search-path.ts for Node versions whose hooks run in a thread of their own. */
import type { ResolveHook } from 'node:module';
import { foundInstead } from './search-path.js';

let directories: readonly string[] = [];

export function initialize(data: readonly string[]): void {
  directories = data;
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (error) {
    return next(foundInstead(specifier, directories, error), context);
  }
};
