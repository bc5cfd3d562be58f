import type { OptionRow } from '../../src/config/option-row.js';

/** uWSGI has no option of this name. */
export function isOwnOption({ differs }: OptionRow): boolean {
  return differs?.startsWith('not in uWSGI') === true;
}
