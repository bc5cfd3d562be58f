import type { Config } from '../config/config.js';
import type { Inheritance } from './inheritance.js';

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
  readonly writePidfiles: () => void;
  /** Set where this process takes the place of a running master. */
  readonly inheritance: Inheritance | undefined;
}
