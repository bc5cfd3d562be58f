import type { Setting } from '../setting.js';

/** One thing that has to hold behind every peer. */
export interface Scenario {
  readonly title: string;
  run(setting: Setting): Promise<void>;
}
