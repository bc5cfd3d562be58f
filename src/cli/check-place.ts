/** What a configuration needs to find on this machine: its directories, users and groups, and its applications. */
import { posix } from 'node:path';
import { type Config, propertyName } from '../config/config.js';
import type { Host } from '../config/host.js';
import { SOCKET_OPTION_NAMES } from '../config/listen-addresses.js';
import { isDatagramAddress } from '../config/log-place.js';
import { parseLogSpec } from '../config/log-spec.js';
import type { OptionName } from '../config/options.js';
import { describeElement, describeValue, isDefault } from '../config/origins.js';
import { accepted } from '../config/parsed.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { parseStatsPlace } from '../config/stats-place.js';
import { MODULE_EXTENSIONS, parseModuleSpecifier } from '../startup/module-path.js';

interface Place extends Pick<ResolvedConfig, 'config' | 'origins'> {
  readonly host: Host;
  /** Where the server works, after `chdir`. */
  readonly directory: string;
}

/** One sentence for each that is missing: directories, users and groups, the applications. */
export function missingInPlace({ config, origins }: ResolvedConfig, host: Host): string[] {
  const started = host.facts().directory;
  const directory = posix.resolve(started, config.chdir ?? '');
  const place = { config, origins, host, directory };
  const lost = missingDirectory(place, 'chdir', config.chdir, started);
  if (lost.length > 0) return lost;
  return [
    ...missingDirectory(place, 'chdir2', config.chdir2, directory),
    ...missingSpool(place),
    ...neededFiles(config, started, directory).flatMap((file) => missingParent(place, file)),
    ...missingAccounts(place),
    ...missingApplications(place),
  ];
}

function missingDirectory(
  place: Place,
  name: OptionName,
  path: string | undefined,
  base: string,
): string[] {
  if (path === undefined || place.host.look(posix.resolve(base, path)) === 'directory') return [];
  return [`${describeElement(place, name, path)}: there is no such directory`];
}

function missingSpool(place: Place): string[] {
  const { config, origins, directory } = place;
  if (isDefault(origins, 'spool-dir')) return [];
  return missingDirectory(place, 'spool-dir', config.spoolDir, directory);
}

/** The directory of a file that the server makes. */
function missingParent(place: Place, { name, text, path, base }: NeededFile): string[] {
  const parent = posix.dirname(posix.resolve(base, path));
  if (place.host.look(parent) === 'directory') return [];
  return [`${describeElement(place, name, text)}: there is no such directory: ${parent}`];
}

interface NeededFile {
  readonly name: OptionName;
  /** The value as it was given. */
  readonly text: string;
  readonly path: string;
  readonly base: string;
}

/** Some relative paths are those of the directory in which the server is started, others of the one that it goes to. */
function neededFiles(config: Config, started: string, directory: string): NeededFile[] {
  const early = EARLY_FILES.flatMap((name) => {
    const text = config[propertyName(name)];
    return text === undefined || isDatagramAddress(text) ? [] : [{ name, text, path: text }];
  });
  const late = [...socketFiles(config), ...statsFiles(config), ...logFiles(config)];
  const fifos = config.masterFifo.map((path) => ({
    name: 'master-fifo' as const,
    text: path,
    path,
  }));
  return [
    ...[...early, ...fifos].map((file) => ({ ...file, base: started })),
    ...late.map((file) => ({ ...file, base: directory })),
  ];
}

const EARLY_FILES = ['pidfile', 'pidfile2', 'daemonize', 'daemonize2', 'logto', 'logto2'] as const;

type NamedFile = Omit<NeededFile, 'base'>;

function socketFiles(config: Config): NamedFile[] {
  return [...SOCKET_OPTION_NAMES, 'http' as const].flatMap((name) =>
    config[propertyName(name)].flatMap((address) => {
      if (address.kind !== 'unix' || address.abstractName) return [];
      if (config.abstractSocket && name !== 'http') return [];
      return [{ name, text: address.text, path: address.name }];
    }),
  );
}

function statsFiles({ stats }: Config): NamedFile[] {
  return stats.flatMap((text) =>
    accepted([text], parseStatsPlace).flatMap((place) =>
      'file' in place ? [{ name: 'stats' as const, text, path: place.file }] : [],
    ),
  );
}

function logFiles(config: Config): NamedFile[] {
  return (['logger', 'req-logger'] as const).flatMap((name) =>
    accepted(config[propertyName(name)], parseLogSpec).flatMap(({ text, place }) =>
      place.kind === 'file' || place.kind === 'fifo' ? [{ name, text, path: place.path }] : [],
    ),
  );
}

function missingAccounts(place: Place): string[] {
  const { uid, gid, addGid, chownSocket } = place.config;
  const [owner, group] = chownSocket?.split(':', 2) ?? [];
  return [
    ...missingAccount(place, 'user', 'uid', uid),
    ...missingAccount(place, 'group', 'gid', gid),
    ...addGid.flatMap((name) => missingAccount(place, 'group', 'add-gid', name)),
    ...missingAccount(place, 'user', 'chown-socket', owner, chownSocket),
    ...missingAccount(place, 'group', 'chown-socket', group, chownSocket),
  ];
}

/** A number needs no entry in the databases of the system. */
function missingAccount(
  place: Place,
  kind: 'user' | 'group',
  option: OptionName,
  name = '',
  value = name,
): string[] {
  // Looking one up takes the native addon, which a machine that only checks may not have.
  if (name === '' || /^\d+$/.test(name)) return [];
  const { host } = place;
  if (kind === 'user' ? host.hasUser(name) : host.hasGroup(name)) return [];
  return [
    `${describeElement(place, option, value)}: this system has no ${kind} ${JSON.stringify(name)}`,
  ];
}

function missingApplications(place: Place): string[] {
  const { config } = place;
  if (!config.needApp) return [];
  const named = (name: 'module' | 'import', value: string): string[] =>
    missingModule(place, describeElement(place, name, value), value);
  return [
    ...config.import.flatMap((name) => named('import', name)),
    ...(config.module === undefined
      ? missingFile(place, config.wsgiFile)
      : named('module', config.module)),
    ...config.mount.flatMap((_pair, index) => missingMounted(place, index)),
  ];
}

/** The file of the application is the one thing that a configuration of uWSGI must change. */
function missingFile(place: Place, file: string | undefined): string[] {
  if (file === undefined) return [];
  return missingFileOf(place, describeElement(place, 'wsgi-file', file), file);
}

const PYTHON = /\.(py|wsgi)$/;

function missingFileOf({ host, directory }: Place, given: string, file: string): string[] {
  if (PYTHON.test(file)) return [`${given} is Python: name an application for Node.js`];
  const path = posix.resolve(directory, file);
  return host.look(path) === 'file' ? [] : [`${given}: there is no file ${path}`];
}

function missingModule(place: Place, given: string, name: string): string[] {
  const { config, host, directory } = place;
  const { module } = parseModuleSpecifier(name);
  if (host.findModule(module, config.pythonpath, directory) !== undefined) return [];
  return [`${given}: there is no module ${module} for Node.js in ${directory} and pythonpath`];
}

function missingMounted(place: Place, index: number): string[] {
  const { name = '', value = '' } = place.config.mount[index] ?? {};
  const given = describeValue(place.origins, 'mount', `${name}=${value}`, index);
  const isFile = [...MODULE_EXTENSIONS, '.py', '.wsgi'].some((extension) =>
    value.endsWith(extension),
  );
  return isFile ? missingFileOf(place, given, value) : missingModule(place, given, value);
}
