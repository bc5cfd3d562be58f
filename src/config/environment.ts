/**
 * Environment variables as a source of settings: `TSUWSGI_HTTP_SOCKET=:8080` is `http-socket = :8080`.
 * `UWSGI_*` is read as well, for what already runs under uWSGI; `TSUWSGI_*` wins over it.
 *
 * A list has its elements on lines of their own; if there is only one line, commas separate them too,
 * except in `env`, whose values may contain commas.
 */
import { findByName, isList, nameFromVariable, suggestName, variableName } from './option-index.js';
import type { Environment, OptionRow } from './option-row.js';
import type { Reading, UnknownKey } from './reading.js';
import { describeGiven, type Setting } from './setting.js';
import { findForeign } from './uwsgi/foreign-index.js';

const PREFIX = 'TSUWSGI_';
const UWSGI_PREFIX = 'UWSGI_';

/** Reserved for what this program hands to its own children. */
const INTERNAL_PREFIX = 'TSUWSGI_INTERNAL_';

/** node-gyp-build's: the directory whose addon is loaded instead (sanitizer builds). Never an option. */
const LOADER_VARIABLE = 'TSUWSGI_NATIVE_PREBUILD';

/** Variables by which uWSGI talks to its own children; never options. */
const UWSGI_INTERNAL: ReadonlySet<string> = new Set([
  'UWSGI_RELOADS',
  'UWSGI_VASSALS_DIR',
  'UWSGI_EMPEROR_FD',
  'UWSGI_EMPEROR_FD_CONFIG',
  'UWSGI_EMPEROR_PROXY',
  'UWSGI_BROODLORD_NUM',
  'UWSGI_JAIL_PID',
  'UWSGI_ORIGINAL_PROC_NAME',
]);

export function readEnvironment(env: Environment): Reading {
  return readVariables(env, PREFIX, isOurs, 'strict');
}

function isOurs(variable: string): boolean {
  return variable.startsWith(INTERNAL_PREFIX) || variable === LOADER_VARIABLE;
}

export function readUwsgiEnvironment(env: Environment): Reading {
  return readVariables(env, UWSGI_PREFIX, (variable) => UWSGI_INTERNAL.has(variable), 'warning');
}

function readVariables(
  env: Environment,
  prefix: string,
  isInternal: (variable: string) => boolean,
  severity: UnknownKey['severity'],
): Reading {
  const settings: Setting[] = [];
  const unknown: UnknownKey[] = [];
  // Sorted, so that the order does not depend on how the parent process built its environment.
  for (const variable of Object.keys(env).sort()) {
    const text = env[variable];
    if (text === undefined || !variable.startsWith(prefix) || isInternal(variable)) continue;
    const key = nameFromVariable(variable.slice(prefix.length));
    const found = findByName(key);
    if (found !== undefined) settings.push(...toSettings(found.row, key, text, variable));
    else if (findForeign(key) !== undefined)
      settings.push({ key, value: text.trim(), origin: { source: 'environment', variable } });
    else unknown.push({ message: unknownVariable(variable, key, prefix), severity });
  }
  return { settings, unknown, problems: contradictions(settings) };
}

/** Two names of one option with different values: variables have no order that could decide. */
function contradictions(settings: readonly Setting[]): string[] {
  const first = new Map<string, Setting>();
  return settings.flatMap((setting) => {
    const row = findByName(setting.key)?.row;
    if (row === undefined || isList(row)) return [];
    const earlier = first.get(row.name);
    first.set(row.name, earlier ?? setting);
    if (earlier === undefined || earlier.value === setting.value) return [];
    return `${describeGiven(earlier)} and ${describeGiven(setting)} set the same option differently: keep one of them`;
  });
}

function toSettings(row: OptionRow, key: string, text: string, variable: string): Setting[] {
  const origin = { source: 'environment', variable } as const;
  if (row.commandLineOnly === true) return [];
  if (!isList(row)) return [{ key, value: text.trim(), origin }];
  return splitList(row, text).map((value) => ({ key, value, origin }));
}

function splitList(row: OptionRow, text: string): string[] {
  const separator = row.kind === 'pairs' || text.includes('\n') ? '\n' : ',';
  return text
    .split(separator)
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

function unknownVariable(variable: string, key: string, prefix: string): string {
  const suggestion = suggestName(key);
  if (suggestion === undefined) return `${variable}: no such option`;
  const other = variableName(suggestion).replace(PREFIX, prefix);
  return `${variable}: no such option; did you mean ${other}?`;
}
