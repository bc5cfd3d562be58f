/** What a configuration needs to find on this machine: its directories and its applications. */
import { posix } from 'node:path';
import type { Config } from '../config/config.js';
import type { Host } from '../config/host.js';
import { listenAddresses } from '../config/listen-addresses.js';
import { MODULE_EXTENSIONS, parseModuleSpecifier } from '../startup/module-path.js';

interface Place {
  readonly config: Config;
  readonly host: Host;
  /** Where the server works, after `chdir`. */
  readonly directory: string;
}

/** One sentence for each that is missing: the working directory, the directories of sockets, the applications. */
export function missingInPlace(config: Config, host: Host): string[] {
  const directory = posix.resolve(host.facts().directory, config.chdir ?? '');
  if (config.chdir !== undefined && host.look(directory) !== 'directory')
    return [`chdir ${config.chdir}: there is no such directory`];
  const place = { config, host, directory };
  return [...missingDirectories(place), ...missingApplications(place)];
}

function missingDirectories({ config, host, directory }: Place): string[] {
  const sockets = listenAddresses(config).flatMap((address) =>
    address.kind === 'unix' && !address.abstractName ? [address.name] : [],
  );
  return sockets
    .filter((path) => host.look(posix.dirname(posix.resolve(directory, path))) !== 'directory')
    .map((path) => `socket ${path}: there is no such directory`);
}

function missingApplications(place: Place): string[] {
  const { config } = place;
  if (!config.needApp) return [];
  return [
    ...(config.module === undefined ? missingFile(place, config.wsgiFile) : []),
    ...missingModule(place, `module ${config.module ?? ''}`, config.module),
    ...config.mount.flatMap(({ name, value }) => missingMounted(place, name, value)),
  ];
}

/** The file of the application is the one thing that a configuration of uWSGI must change. */
function missingFile({ host, directory }: Place, file: string | undefined): string[] {
  if (file === undefined) return [];
  if (PYTHON.test(file)) return [`wsgi-file ${file} is Python: name an application for Node.js`];
  const path = posix.resolve(directory, file);
  return host.look(path) === 'file' ? [] : [`wsgi-file ${path}: there is no such file`];
}

const PYTHON = /\.(py|wsgi)$/;

function missingModule(place: Place, option: string, name: string | undefined): string[] {
  if (name === undefined) return [];
  const { config, host, directory } = place;
  const { module } = parseModuleSpecifier(name);
  if (host.findModule(module, config.pythonpath, directory) !== undefined) return [];
  return [`${option}: there is no module ${module} for Node.js in ${directory} and pythonpath`];
}

function missingMounted(place: Place, mountpoint: string, name: string): string[] {
  const option = `mount ${mountpoint}=${name}`;
  const path = posix.resolve(place.directory, name);
  if (PYTHON.test(name)) return [`${option} is Python: name an application for Node.js`];
  if (!MODULE_EXTENSIONS.some((extension) => name.endsWith(extension)))
    return missingModule(place, option, name);
  return place.host.look(path) === 'file' ? [] : [`${option}: there is no file ${path}`];
}
