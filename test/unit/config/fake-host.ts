import type { Host } from '../../../src/config/host.js';

/** A machine that exists only in the test: its CPUs and the files that can be read. */
export function fakeHost(cpus: number, files: Readonly<Record<string, string>> = {}): Host {
  return { availableParallelism: () => cpus, readFile: (path) => files[path] };
}
