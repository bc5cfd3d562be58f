/** Rules that more than one option takes part in. */
import type { Protocol } from '../binding/native.js';
import { doubledAddress } from './address-purposes.js';
import { parseCache } from './cache-settings.js';
import type { Config } from './config.js';
import { givenAddresses, identityOf, listenAddresses } from './listen-addresses.js';
import type { Activation } from './socket-activation.js';
import { accepted } from './parsed.js';
import { isPureRouter, namesApplication } from './roles.js';
import type { ForeignUse } from './sources.js';
import { describeGiven } from './setting.js';
import { isDatagramAddress } from './log-place.js';
import { parseLogRoute } from './log-pattern.js';
import { loggersOf, parseLogSpec } from './log-spec.js';
import { masterReasons } from './needs-master.js';
import { describeElement, type describeValue, isDefault, type Origins } from './origins.js';

export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** What a rule looks at. `given` names an option with its value the way the operator gave it. */
interface Candidate {
  readonly config: Config;
  readonly origins: Origins;
  readonly activation: Activation;
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
  activation: Activation,
): Findings {
  const candidate: Candidate = {
    config,
    origins,
    activation,
    given: (name, value) => describeElement({ config, origins }, name, value),
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
  function needsSocket({ config, activation, without }) {
    if (
      activation.sockets.length > 0 ||
      activation.left === true ||
      config.http.length > 0 ||
      listenAddresses(config).length > 0
    )
      return undefined;
    const missing = without('shared-socket');
    return `no socket${missing}: name at least one with --http-socket or --socket, for example --http-socket :8080${activation.remark}`;
  },
  function oneProtocolAnAddress({ config, given }) {
    const protocols = new Map<string, Protocol>();
    for (const { option, address } of givenAddresses(config)) {
      const identity = identityOf(address) ?? '';
      const other = protocols.get(identity) ?? address.protocol;
      if (identity !== '' && other !== address.protocol)
        return `${given(option, address.text)}: the address is to speak ${other} and ${address.protocol}, but has one protocol`;
      protocols.set(identity, other);
    }
    return undefined;
  },
  function onePurposeAnAddress({ config, given }) {
    const doubled = doubledAddress(config);
    return doubled && `${given(doubled.option, doubled.text)}: ${doubled.problem}`;
  },
  function needsApplication({ config, without }) {
    if (!config.needApp || namesApplication(config) || isPureRouter(config)) return undefined;
    return `no application${without('cgi')}: name one with --wsgi-file or --module (or start without one: --no-need-app)`;
  },
  function processesWithoutMaster({ config, origins, given }) {
    if (config.master || config.processes === 1) return undefined;
    return `${given('processes', config.processes)} needs the master, which ${masterSwitch(origins)} switches off`;
  },
  function knownHooks({ config, given }) {
    const strange = config.hookMasterStart.find((hook) => !GRACEFUL_STOP.test(hook));
    if (strange === undefined) return undefined;
    return `${given('hook-master-start', strange)}: only unix_signal:15 gracefully_kill_them_all (and signal 2) is known; run commands from the service manager`;
  },
  function lifetimes({ config, given }) {
    const { minWorkerLifetime, maxWorkerLifetime } = config;
    if (maxWorkerLifetime === 0 || maxWorkerLifetime > minWorkerLifetime) return undefined;
    return `${given('max-worker-lifetime', maxWorkerLifetime)} is not above ${given('min-worker-lifetime', minWorkerLifetime)}`;
  },
  function cheaperBelowProcesses({ config, given }) {
    const { cheaper, processes } = config;
    if (cheaper === 0 || cheaper < processes) return undefined;
    return `${given('cheaper', cheaper)}: must be lower than ${given('processes', processes)}`;
  },
  function cheaperMemory({ config, given }) {
    const { cheaperRssLimitSoft: soft, cheaperRssLimitHard: hard } = config;
    if (hard === 0 || hard > soft) return undefined;
    return `${given('cheaper-rss-limit-hard', hard)} is not above ${given('cheaper-rss-limit-soft', soft)}`;
  },
  function busynessMarks({ config, given }) {
    const { cheaper, cheaperAlgo, cheaperBusynessMin, cheaperBusynessMax } = config;
    if (cheaper === 0 || cheaperAlgo !== 'busyness' || cheaperBusynessMin < cheaperBusynessMax)
      return undefined;
    return `${given('cheaper-busyness-min', cheaperBusynessMin)} is not below ${given('cheaper-busyness-max', cheaperBusynessMax)}`;
  },
  function oneDaemon({ config, given }) {
    if (config.daemonize === undefined || config.daemonize2 === undefined) return undefined;
    return `${given('daemonize', config.daemonize)} and ${given('daemonize2', config.daemonize2)} exclude each other`;
  },
  function logMetrics({ config, given }) {
    const metric = /%\(metric\.[^)]*\)/.exec(config.logFormat)?.[0];
    if (metric === undefined) return undefined;
    return `${given('log-format', config.logFormat)}: there are no metrics in request lines (${metric}): read them at --stats`;
  },
  function daemonFiles({ config, given }) {
    for (const name of ['daemonize', 'daemonize2'] as const) {
      const file = config[name];
      if (file !== undefined && isDatagramAddress(file))
        return `${given(name, file)} is an address: name a file, which also tells why a start failed, and add --logto ${file}`;
    }
    return undefined;
  },
  function routerWithoutMaster({ config, origins, given }) {
    const [address] = config.http;
    if (config.master || address === undefined) return undefined;
    return `${given('http', address.text)} needs the master, which ${masterSwitch(origins)} switches off`;
  },
  function cacheNames({ config, given }) {
    const names = new Set(config.cache > 0 ? ['default'] : []);
    for (const text of config.cache2) {
      const [{ name } = { name: '' }] = accepted([text], parseCache);
      if (names.has(name))
        return `${given('cache2', text)}: there is a cache named ${name} already`;
      names.add(name);
    }
    return undefined;
  },
  function routesHaveLoggers({ config, given }) {
    for (const [route, texts, logger, specs] of [
      ['log-route', config.logRoute, 'logger', loggersOf(config)],
      ['log-req-route', config.logReqRoute, 'req-logger', config.reqLogger],
    ] as const) {
      const ids = accepted(specs, parseLogSpec).map((spec) => spec.id);
      for (const text of texts) {
        const lost = accepted([text], parseLogRoute).find(({ id }) => !ids.includes(id));
        if (lost !== undefined)
          return `${given(route, text)}: no logger has the ID ${lost.id}: give it one with --${logger} '${lost.id} KIND:ARGUMENT'`;
      }
    }
    return undefined;
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

const GRACEFUL_STOP = /^unix_signal:\s*(15|2|SIGTERM|SIGINT|TERM|INT)\s+gracefully_kill_them_all$/;

const WARNINGS: readonly Rule[] = [
  function oneCallable({ config, given }) {
    const { callable, module } = config;
    const named = module?.split(':')[1];
    if (callable === undefined || named === undefined || callable === named) return undefined;
    return `${given('callable', callable)} is ignored: ${given('module', module)} names the callable, and wins as in uWSGI`;
  },
  function oneApplication({ config, given }) {
    const { wsgiFile, module } = config;
    if (wsgiFile === undefined || module === undefined) return undefined;
    return `${given('wsgi-file', wsgiFile)} is ignored: ${given('module', module)} names the application, and wins as in uWSGI`;
  },
  function backendsWithoutRouter({ config, given }) {
    const [text] = config.httpTo;
    if (text === undefined || config.http.length > 0) return undefined;
    return `${given('http-to', text)} has no effect without --http`;
  },
  function needsMaster({ config, origins }) {
    if (config.master) return undefined;
    const reasons = masterReasons(config, origins).filter(
      (name) => !name.startsWith('--processes'),
    );
    if (reasons.length === 0) return undefined;
    return `${reasons.join(', ')}: the master, which ${masterSwitch(origins)} switches off, would have to do that`;
  },
  function cheaperInitial({ config, given }) {
    const { cheaper, cheaperInitial, processes } = config;
    if (cheaperInitial === 0) return undefined;
    if (cheaper === 0)
      return `${given('cheaper-initial', cheaperInitial)} has no effect without --cheaper`;
    if (cheaperInitial >= cheaper && cheaperInitial <= processes) return undefined;
    const taken = Math.min(processes, Math.max(cheaper, cheaperInitial));
    return `${given('cheaper-initial', cheaperInitial)} is not between ${given('cheaper', cheaper)} and ${given('processes', processes)}: ${taken} is taken`;
  },
  function dieOnIdle({ config, given }) {
    if (!config.dieOnIdle || config.idle > 0) return undefined;
    return `${given('die-on-idle', undefined)} has no effect without --idle`;
  },
  function callableWithoutApplication({ config, given }) {
    if (config.callable === undefined || namesApplication(config)) return undefined;
    return `${given('callable', config.callable)} has no effect without --wsgi-file or --module`;
  },
];

function masterSwitch(origins: Origins): string {
  const origin = origins.get('master')?.[0];
  if (origin?.source === 'command line') return origin.spelled;
  if (origin?.source === 'file') return `${origin.file}:${origin.line}`;
  return origin?.source === 'environment' ? origin.variable : 'the default';
}
