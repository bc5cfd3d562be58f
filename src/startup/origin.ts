import type { Config } from '../config/config.js';
import type { Inheritance } from './inheritance.js';

/** A pidfile of a running server, by the option that names it. */
export interface KeptPidfile {
  readonly option: string;
  readonly path: string;
  readonly fd: number;
}

/** What a running server does with its pidfiles. */
export interface OperatedPidfiles {
  /** A failure is only logged. */
  writeAll(): void;
  /** Those that were written, for the server that takes this one's place. */
  readonly open: readonly KeptPidfile[];
  /** They are that one's from now on. */
  handOver(): void;
}

/** How the server was started: what is needed to read its options again, and to start it again. */
export interface StartOrigin {
  readonly directory: string;
  /** Before options changed it. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** What node was started with: the script and its arguments. */
  readonly command: readonly string[];
  /**
   * The options as they are now. Throws a ConfigError where they are wrong; undefined where this process may not read them
   * any more.
   */
  readonly readOptions: () => Config | undefined;
  readonly pidfiles: OperatedPidfiles;
  /** Set where this process takes the place of a running master. */
  readonly inheritance: Inheritance | undefined;
}
