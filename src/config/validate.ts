/** Rules that more than one option takes part in. */
import type { Config } from './config.js';
import type { ForeignUse } from './sources.js';
import { describeGiven } from './setting.js';
import { describeValue, isDefault, type Origins } from './origins.js';

export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** What a rule looks at. `given` names an option with its value the way the operator gave it. */
interface Candidate {
  readonly config: Config;
  readonly origins: Origins;
  readonly given: (
    name: Parameters<typeof describeValue>[1],
    value: string | number | undefined,
  ) => string;
  /** Why none of these options of uWSGI helps: the first that was given, as the start of a hint. */
  readonly without: (...names: readonly string[]) => string;
}

/** undefined: the rule is kept. */
type Rule = (candidate: Candidate) => string | undefined;

export function validate(
  config: Config,
  origins: Origins,
  foreign: readonly ForeignUse[],
): Findings {
  const candidate: Candidate = {
    config,
    origins,
    given: (name, value) => describeValue(origins, name, value),
    without: (...names) => {
      const use = foreign.find(({ option }) => names.includes(option.name));
      return use === undefined ? '' : ` (${describeGiven(use.setting)} is not implemented)`;
    },
  };
  return { problems: apply(PROBLEMS, candidate), warnings: apply(WARNINGS, candidate) };
}

function apply(rules: readonly Rule[], candidate: Candidate): string[] {
  return rules.flatMap((rule) => rule(candidate) ?? []);
}

const PROBLEMS: readonly Rule[] = [
  function needsSocket({ config, without }) {
    if (config.httpSocket.length > 0) return undefined;
    const missing = without('socket', 'uwsgi-socket', 'http', 'httprouter', 'shared-socket');
    return `no socket${missing}: name at least one with --http-socket, for example --http-socket :8080`;
  },
  function oneApplication({ config, given }) {
    const { wsgiFile, module } = config;
    if (wsgiFile === undefined || module === undefined) return undefined;
    return `${given('wsgi-file', wsgiFile)} and ${given('module', module)} both name an application: give one of them`;
  },
  function needsApplication({ config, without }) {
    if (!config.needApp || namesApplication(config)) return undefined;
    return `no application${without('mount', 'worker-mount', 'cgi')}: name one with --wsgi-file or --module (or start without one: --no-need-app)`;
  },
  function oneCallable({ config, given }) {
    const { callable, module } = config;
    if (callable === undefined || !module?.includes(':')) return undefined;
    return `${given('callable', callable)} and ${given('module', module)} both name a callable: give one of them`;
  },
  function processesWithoutMaster({ config, origins, given }) {
    if (config.master || config.processes === 1) return undefined;
    return `${given('processes', config.processes)} needs the master, which ${masterSwitch(origins)} switches off`;
  },
  function respawnDelays({ config, given }) {
    const { respawnDelay, respawnMaxDelay } = config;
    if (respawnDelay <= respawnMaxDelay) return undefined;
    return `${given('respawn-delay', respawnDelay)} is above ${given('respawn-max-delay', respawnMaxDelay)}`;
  },
  function targetFitsHead({ config, origins, given }) {
    const { limitTarget, bufferSize } = config;
    if (limitTarget < bufferSize || isDefault(origins, 'limit-target')) return undefined;
    return `${given('limit-target', limitTarget)} must be below ${given('buffer-size', bufferSize)}, which holds the whole head`;
  },
  function bodyFitsMemory({ config, given }) {
    const { postBuffering, bodyMemory } = config;
    if (postBuffering <= bodyMemory) return undefined;
    return `${given('post-buffering', postBuffering)} is above ${given('body-memory', bodyMemory)}, the memory for all bodies`;
  },
];

const WARNINGS: readonly Rule[] = [
  function callableWithoutApplication({ config, given }) {
    if (config.callable === undefined || namesApplication(config)) return undefined;
    return `${given('callable', config.callable)} has no effect without --wsgi-file or --module`;
  },
];

function namesApplication(config: Config): boolean {
  return config.wsgiFile !== undefined || config.module !== undefined;
}

function masterSwitch(origins: Origins): string {
  const origin = origins.get('master')?.[0];
  if (origin?.source === 'command line') return origin.spelled;
  if (origin?.source === 'file') return `${origin.file}:${origin.line}`;
  return origin?.source === 'environment' ? origin.variable : 'the default';
}
