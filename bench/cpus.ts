import { readFileSync } from 'node:fs';

/** `0-2,8` of /proc as numbers. */
export function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

export interface Cores {
  readonly server: number | undefined;
  readonly load: number | undefined;
}

/** One core for the server, one for the load; neither is pinned where there is only one for both. */
export function coresOf([server, load]: readonly number[]): Cores {
  return load === undefined ? { server: undefined, load: undefined } : { server, load };
}

/** Of the cores that this process may use: a container has not always the first ones. */
export function ownCores(): Cores {
  const status = readFileSync('/proc/self/status', 'utf8');
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(status) ?? [];
  return coresOf(list === '' ? [] : parseCpuList(list));
}
