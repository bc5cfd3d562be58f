/** Options that only a master can obey. */
import { type Config, propertyName } from './config.js';
import type { OptionName } from './options.js';
import { isDefault, type Origins } from './origins.js';

const NEED_MASTER: readonly OptionName[] = [
  'harakiri',
  'http',
  'max-requests',
  'max-worker-lifetime',
  'reload-on-rss',
  'reload-on-as',
  'evil-reload-on-rss',
  'evil-reload-on-as',
  'touch-reload',
  'cheaper',
  'cheap',
  'idle',
  'touch-workers-reload',
  'touch-chain-reload',
  'fs-reload',
  'fs-brutal-reload',
  'master-fifo',
  'py-autoreload',
  'stats',
  'attach-daemon',
  'cron',
  'cron2',
  'unique-cron',
  'logger',
  'req-logger',
  'log-socket',
  'log-syslog',
  'log-encoder',
  'log-req-encoder',
  'log-filter',
  'log-drain',
  'log-route',
  'log-req-route',
  'log-maxsize',
  'touch-logreopen',
  'touch-logrotate',
];

/** One that another option stands for has not been written itself. */
function asWritten(origins: Origins, name: OptionName): string {
  const origin = origins.get(name)?.[0];
  return origin?.source === 'implied' ? origin.by : `--${name}`;
}

/** The options that were given and do something, in the words of the command line. */
export function masterReasons(config: Config, origins: Origins): string[] {
  const reasons = config.processes > 1 ? [`--processes ${config.processes}`] : [];
  for (const name of NEED_MASTER) {
    const value: unknown = config[propertyName(name)];
    const idle =
      value === 0 ||
      value === false ||
      value === undefined ||
      (Array.isArray(value) && value.length === 0);
    if (!idle && !isDefault(origins, name)) reasons.push(asWritten(origins, name));
  }
  return reasons;
}
