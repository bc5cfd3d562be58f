/** Names of configuration files: `app.ini`, `app.ini:section`, `:section`, `-`. */
import { type Parsed, invalid, valid } from '../parsed.js';

export type FileFormat = 'ini' | 'yaml' | 'json';

export interface FileName {
  readonly format: FileFormat;
  /** As it was given; `-` is standard input. */
  readonly path: string;
  /** undefined: the usual one, `uwsgi`. */
  readonly section: string | undefined;
}

const EXTENSIONS: ReadonlyMap<string, FileFormat> = new Map([
  ['ini', 'ini'],
  ['yaml', 'yaml'],
  ['yml', 'yaml'],
  ['json', 'json'],
  ['js', 'json'],
]);

/** `any`: the extension tells. `lastIni` is the ini file that was opened last; `:section` means that one. */
export function parseFileName(
  text: string,
  format: FileFormat | 'any',
  lastIni?: string,
): Parsed<FileName> {
  if (text === '') return invalid('is empty; accepted: FILE or FILE:SECTION');
  if (isUrl(text))
    return invalid('is a URL; configuration is read from files and standard input only');
  const { path, section } = splitSection(text);
  const named = path === '' ? lastIni : path;
  if (named === undefined) return invalid('names a section, but no ini file was read before');
  const known = format === 'any' ? formatOf(path === '' ? 'x.ini' : path) : format;
  if (known === undefined) return invalid(unknownFormat(path));
  return valid({ format: known, path: named, section });
}

/** Also what uWSGI calls by schemes of its own, such as `exec://` and `fd://`. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** A section has no slash, so a colon in a directory's name does no harm. `app.ini:` is the usual section. */
function splitSection(text: string): { path: string; section: string | undefined } {
  const [, path, section] = /^(.*):([^:/]*)$/s.exec(text) ?? [];
  return { path: path ?? text, section: section === '' ? undefined : section };
}

function formatOf(path: string): FileFormat | undefined {
  if (path === '-') return 'ini';
  return EXTENSIONS.get(/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '');
}

function unknownFormat(path: string): string {
  if (/\.xml$/i.test(path)) return 'is XML, which is not supported; write ini, YAML or JSON';
  return 'has no extension that tells its format; accepted: .ini, .yaml, .yml, .json';
}

/** Whether a bare argument of the command line is a configuration file. */
export function looksLikeConfigFile(argument: string): boolean {
  if (argument === '-') return true;
  return /\.(ini|ya?ml|json|xml)(:[^:/]*)?$/i.test(argument);
}
