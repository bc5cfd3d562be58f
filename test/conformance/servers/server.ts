import type { WireAddress } from '../wire-client.js';

/** A server of the comparison, running `behaviour.ts` with the limits of `LIMITS`. */
export interface ServerUnderTest {
  /** As the cases' `skip` lines name it. */
  readonly kind: 'native' | 'node' | 'nginx';
  readonly title: string;
  readonly address: WireAddress;
  /** File that the application writes its runs to. */
  readonly log: string;
  stop(): Promise<void>;
}

/** Every server is given the same limits, as far as it has them. Times in milliseconds, sizes in bytes. */
export const LIMITS = {
  headBytes: 32_768,
  bodyBytes: 1_048_576,
  headerTimeoutMs: 2000,
  bodyTimeoutMs: 2000,
  keepAliveTimeoutMs: 7000,
} as const;
