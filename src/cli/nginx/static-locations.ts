/**
 * Files that nginx delivers in the server's place. What nginx cannot say in the same way is left to the server, which
 * delivers these files by itself: every location passes on what it does not find.
 */
import { posix } from 'node:path';
import type { Config } from '../../config/config.js';
import type { Host } from '../../config/host.js';
import { block, directive, type Directive } from './directive.js';

export interface StaticLocations {
  /** Of the location `/`: where it looks before the server is asked. */
  readonly root: readonly Directive[];
  readonly locations: readonly Directive[];
  readonly remarks: readonly string[];
}

/** The named location that passes to the server. */
export const APPLICATION = '@application';

interface Mapping {
  readonly option: 'static-map' | 'static-map2' | 'check-static';
  readonly mount: string;
  /** Absolute. */
  readonly path: string;
}

export function staticLocations(config: Config, directory: string, host: Host): StaticLocations {
  const base = posix.resolve(directory, config.chdir ?? '');
  const all = mappings(config, base);
  const taken = new Set<string>();
  const remarks: string[] = [];
  const kept = all.filter((mapping) => {
    const reason = cannotSay(mapping) ?? (taken.has(mapping.mount) ? ANOTHER : undefined);
    taken.add(mapping.mount);
    if (reason !== undefined) remarks.push(`${describe(mapping)} is left to the server: ${reason}`);
    return reason === undefined;
  });
  const root = kept.find(({ mount }) => mount === '/');
  return {
    root: root === undefined ? [] : lookIn(root, config),
    locations: [
      ...skippedEndings(config),
      ...kept.filter((one) => one !== root).map((one) => toLocation(one, config, host)),
    ],
    remarks: [...remarks, ...silentOptions(config, kept.length > 0)],
  };
}

const ANOTHER = 'nginx has one directory for a location';

function mappings(config: Config, base: string): Mapping[] {
  const maps = (option: 'static-map' | 'static-map2', pairs: Config['staticMap']): Mapping[] =>
    pairs.map(({ name, value }) => {
      return { option, mount: withoutEnd(name), path: posix.resolve(base, value) };
    });
  const checked = config.checkStatic.map((path): Mapping => {
    return { option: 'check-static', mount: '/', path: posix.resolve(base, path) };
  });
  return [
    ...checked,
    ...maps('static-map', config.staticMap),
    ...maps('static-map2', config.staticMap2),
  ];
}

function withoutEnd(mount: string): string {
  return mount.length > 1 ? mount.replace(/\/+$/, '') || '/' : mount;
}

function describe({ option, mount, path }: Mapping): string {
  return option === 'check-static' ? `check-static ${path}` : `${option} ${mount}=${path}`;
}

function cannotSay({ mount, path }: Mapping): string | undefined {
  if (!mount.startsWith('/')) return 'no path begins like this';
  if (path.includes('$')) return 'nginx takes a dollar sign for a variable';
  return undefined;
}

/** `root` and `alias` differ in whether the location's path is a part of the file's. */
function toLocation(mapping: Mapping, config: Config, host: Host): Directive {
  const { option, mount, path } = mapping;
  const because = [`${option} ${mount}`];
  if (option === 'static-map' && host.look(path) === 'file') {
    const words = ['', APPLICATION];
    const body = [directive('alias', [path]), directive('try_files', words)];
    return block('location', ['=', mount], body, because);
  }
  return block('location', [`${mount}/`], lookIn(mapping, config), because);
}

function lookIn({ option, mount, path }: Mapping, config: Config): Directive[] {
  const aliased = option === 'static-map' && mount !== '/';
  const place = aliased ? directive('alias', [withSlash(path)]) : directive('root', [path]);
  const indexes = config.staticIndex.filter((name) => !name.includes('$'));
  const tried = ['$uri', ...indexes.map((name) => `$uri/${name}`), APPLICATION];
  return [place, directive('try_files', tried)];
}

/** With both ends alike no path can step out of the directory. */
function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

/** A regular expression is looked at before the other locations. */
function skippedEndings({ staticSkipExt }: Config): Directive[] {
  if (staticSkipExt.length === 0) return [];
  const endings = staticSkipExt.map((ending) => ending.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const expression = `(?:${endings.join('|')})$`;
  const body = [directive('try_files', ['/dev/null/none', APPLICATION])];
  return [block('location', ['~', expression], body, ['static-skip-ext: never a file'])];
}

/** Options whose work the server does for the files that it delivers, and nobody for those of nginx. */
function silentOptions(config: Config, delivers: boolean): string[] {
  if (!delivers) return [];
  const used = [
    ['static-expires…', expiresUsed(config), 'see expires of nginx'],
    ['static-gzip…', gzipUsed(config), 'see gzip_static of nginx'],
    ['mimefile', config.mimefile.length > 0, 'see types of nginx'],
  ] as const;
  return used
    .filter(([, given]) => given)
    .map(([name, , advice]) => `${name} does not reach files that nginx delivers: ${advice}`);
}

function expiresUsed(config: Config): boolean {
  return [
    config.staticExpires,
    config.staticExpiresMtime,
    config.staticExpiresType,
    config.staticExpiresTypeMtime,
    config.staticExpiresUri,
    config.staticExpiresUriMtime,
    config.staticExpiresPathInfo,
    config.staticExpiresPathInfoMtime,
  ].some((list) => list.length > 0);
}

function gzipUsed(config: Config): boolean {
  const lists = [config.staticGzip, config.staticGzipDir, config.staticGzipExt];
  return config.staticGzipAll || lists.some((list) => list.length > 0);
}
