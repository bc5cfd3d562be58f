/** What a configuration needs to find on this machine: its directories, users and groups, and its applications. */
import { posix } from 'node:path';
import type { Host } from '../config/host.js';
import type { OptionName } from '../config/options.js';
import { describeElement, describeValue, isDefault } from '../config/origins.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { MODULE_EXTENSIONS, parseModuleSpecifier } from '../startup/module-path.js';
import { type Place, unusableFiles } from './check-files.js';

/** One sentence for each that is missing or in the way: files and directories, users and groups, the applications. */
export function missingInPlace({ config, origins }: ResolvedConfig, host: Host): string[] {
  const started = host.facts().directory;
  const directory = posix.resolve(started, config.chdir ?? '');
  const place = { config, origins, host, started, directory };
  const lost = missingDirectory(place, 'chdir', config.chdir, started);
  if (lost.length > 0) return lost;
  return [
    ...missingDirectory(place, 'chdir2', config.chdir2, directory),
    ...missingSpool(place),
    ...unusableFiles(place),
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
