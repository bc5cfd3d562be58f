import type { HandOverChannels } from '../binding/hand-over-channels.js';
import type { BoundQueues } from '../binding/bound-queues.js';
import type { Config } from '../config/config.js';
import type { Logger } from '../log/logger.js';
import type { ApplicationDesk } from './application-desk.js';
import type { Scoreboard } from './workers/scoreboard.js';
import type { SpawnWorker } from './workers/spawn.js';

/** What a master needs of the world. */
export interface MasterOptions {
  readonly config: Config;
  /** Owned from now on: closed when the server stops. */
  readonly queues: BoundQueues;
  readonly logger: Logger;
  readonly spawn: SpawnWorker;
  /** OOM kills in our cgroup so far; undefined where the kernel does not count them. */
  readonly oomKills: () => number | undefined;
  /** Uniform in [0, 1); spreads the respawns. */
  readonly random: () => number;
  /** Once, when every worker is ready for the first time. */
  readonly allReady?: () => void;
  /** Where workers tell what they do; none where nobody reads it. */
  readonly scoreboard?: Scoreboard | undefined;
  /** Why there is no memory for a worker beside those that run; undefined where there is. */
  readonly lackOfMemory?: () => string | undefined;
  /** For connections that workers give to each other; open for the master's whole life. */
  readonly handOver?: HandOverChannels | undefined;
  /** What applications share and ask for; none where there are no applications. */
  readonly applications?: ApplicationDesk | undefined;
  /** Whether request lines have a way of their own to the master. */
  readonly requestLog?: boolean;
  /** A graceful reload begins: log files may be opened anew. */
  readonly reloading?: () => void;
  /** It is complete, or was given up because of `failure`. */
  readonly reloaded?: (failure: string | undefined) => void;
}
