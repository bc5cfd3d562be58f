/** Rules that more than one option takes part in. */
import type { Config } from './config.js';
import type { OptionName } from './options.js';
import type { Origin } from './setting.js';

export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

type Origins = ReadonlyMap<OptionName, readonly Origin[]>;
/** undefined: the rule is kept. */
type Rule = (config: Config, origins: Origins) => string | undefined;

export function validate(config: Config, origins: Origins): Findings {
  return {
    problems: apply(PROBLEMS, config, origins),
    warnings: apply(WARNINGS, config, origins),
  };
}

function apply(rules: readonly Rule[], config: Config, origins: Origins): string[] {
  return rules.flatMap((rule) => rule(config, origins) ?? []);
}

const PROBLEMS: readonly Rule[] = [
  function needsSocket(config) {
    if (config.httpSocket.length > 0) return undefined;
    return 'no socket: name at least one with --http-socket, for example --http-socket :8080';
  },
  function oneApplication(config) {
    if (config.wsgiFile === undefined || config.module === undefined) return undefined;
    return `--wsgi-file ${config.wsgiFile} and --module ${config.module} both name an application: give one of them`;
  },
  function needsApplication(config) {
    if (!config.needApp || config.wsgiFile !== undefined || config.module !== undefined)
      return undefined;
    return 'no application: name one with --wsgi-file or --module (or start without one: --no-need-app)';
  },
  function oneCallable(config) {
    if (config.callable === undefined || !config.module?.includes(':')) return undefined;
    return `--callable ${config.callable} and --module ${config.module} both name a callable: give one of them`;
  },
  function processesWithoutMaster(config, origins) {
    if (config.master || config.processes === 1) return undefined;
    return `--processes ${config.processes} needs the master, which ${spelled(origins, 'master')} switches off`;
  },
  function respawnDelays(config) {
    if (config.respawnDelay <= config.respawnMaxDelay) return undefined;
    return `--respawn-delay ${config.respawnDelay} is above --respawn-max-delay ${config.respawnMaxDelay}`;
  },
  function targetFitsHead(config, origins) {
    if (config.limitTarget < config.bufferSize) return undefined;
    if (isDefault(origins, 'limit-target')) return undefined;
    return `--limit-target ${config.limitTarget} must be below --buffer-size ${config.bufferSize}, which holds the whole head`;
  },
  function bodyFitsMemory(config) {
    if (config.postBuffering <= config.bodyMemory) return undefined;
    return `--post-buffering ${config.postBuffering} is above --body-memory ${config.bodyMemory}, the memory for all bodies`;
  },
];

const WARNINGS: readonly Rule[] = [
  function callableWithoutApplication(config) {
    if (
      config.callable === undefined ||
      config.wsgiFile !== undefined ||
      config.module !== undefined
    )
      return undefined;
    return `--callable ${config.callable} has no effect without --wsgi-file or --module`;
  },
];

function spelled(origins: Origins, name: OptionName): string {
  const origin = origins.get(name)?.[0];
  if (origin?.source === 'command line') return origin.spelled;
  return origin?.source === 'environment' ? origin.variable : `--${name}`;
}

function isDefault(origins: Origins, name: OptionName): boolean {
  return (origins.get(name) ?? []).every((origin) => origin.source === 'default');
}
