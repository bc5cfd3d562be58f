import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Host } from '../config/host.js';

/** The machine this process runs on. */
export const host: Host = {
  availableParallelism,
  readFile(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
};
