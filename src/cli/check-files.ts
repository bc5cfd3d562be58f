/** The files that a server makes or opens for itself: whether they have a directory, and nothing else stands in their place. */
import { posix } from 'node:path';
import { type Config, propertyName } from '../config/config.js';
import type { Host } from '../config/host.js';
import { SOCKET_OPTION_NAMES } from '../config/listen-addresses.js';
import { isDatagramAddress } from '../config/log-place.js';
import { parseLogSpec } from '../config/log-spec.js';
import type { OptionName } from '../config/options.js';
import { describeElement } from '../config/origins.js';
import { accepted } from '../config/parsed.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { parseStatsPlace } from '../config/stats-place.js';

export interface Place extends Pick<ResolvedConfig, 'config' | 'origins'> {
  readonly host: Host;
  /** Where the server is started. */
  readonly started: string;
  /** Where it works, after `chdir`. */
  readonly directory: string;
}

interface NamedFile {
  readonly name: OptionName;
  /** The value as it was given. */
  readonly text: string;
  readonly path: string;
  readonly kind: 'file' | 'socket' | 'pipe';
}

interface NeededFile extends NamedFile {
  /** Where relative paths begin. */
  readonly base: string;
}

/** One sentence for each. */
export function unusableFiles(place: Place): string[] {
  return neededFiles(place).flatMap((file) => {
    const obstacle = obstacleOf(file, place.host);
    return obstacle === undefined
      ? []
      : [`${describeElement(place, file.name, file.text)}: ${obstacle}`];
  });
}

function obstacleOf({ path, base, kind }: NeededFile, host: Host): string | undefined {
  const file = posix.resolve(base, path);
  const parent = posix.dirname(file);
  if (host.look(parent) !== 'directory') return `there is no such directory: ${parent}`;
  const found = host.look(file);
  if (found === 'directory') return 'is a directory';
  if (found !== 'file' || kind === 'file') return undefined;
  return `there is a file that is no ${kind}`;
}

/** Some relative paths are those of the directory in which the server is started, others of the one that it goes to. */
function neededFiles({ config, started, directory }: Place): NeededFile[] {
  const early = [...earlyFiles(config), ...fifos(config)];
  const late = [...socketFiles(config), ...statsFiles(config), ...logFiles(config)];
  return [
    ...early.map((file) => ({ ...file, base: started })),
    ...late.map((file) => ({ ...file, base: directory })),
  ];
}

const EARLY_FILES = ['pidfile', 'pidfile2', 'daemonize', 'daemonize2', 'logto', 'logto2'] as const;

function earlyFiles(config: Config): NamedFile[] {
  return EARLY_FILES.flatMap((name) => {
    const text = config[propertyName(name)];
    if (text === undefined || isDatagramAddress(text)) return [];
    return [{ name, text, path: text, kind: 'file' }];
  });
}

function fifos({ masterFifo }: Config): NamedFile[] {
  return masterFifo.map((path) => ({ name: 'master-fifo', text: path, path, kind: 'pipe' }));
}

function socketFiles(config: Config): NamedFile[] {
  return [...SOCKET_OPTION_NAMES, 'http' as const].flatMap((name) =>
    config[propertyName(name)].flatMap((address): NamedFile[] => {
      if (address.kind !== 'unix' || address.abstractName) return [];
      if (config.abstractSocket && name !== 'http') return [];
      return [{ name, text: address.text, path: address.name, kind: 'socket' }];
    }),
  );
}

function statsFiles({ stats }: Config): NamedFile[] {
  return stats.flatMap((text) =>
    accepted([text], parseStatsPlace).flatMap((place): NamedFile[] =>
      'file' in place ? [{ name: 'stats', text, path: place.file, kind: 'socket' }] : [],
    ),
  );
}

function logFiles(config: Config): NamedFile[] {
  return (['logger', 'req-logger'] as const).flatMap((name) =>
    accepted(config[propertyName(name)], parseLogSpec).flatMap(({ text, place }): NamedFile[] => {
      if (place.kind === 'file') return [{ name, text, path: place.path, kind: 'file' }];
      return place.kind === 'fifo' ? [{ name, text, path: place.path, kind: 'pipe' }] : [];
    }),
  );
}
