/**
 * From sources to the final configuration. Precedence: command line, `TSUWSGI_*`, `UWSGI_*`, defaults; within one
 * source the last value wins. Lists take the elements of all sources, the weakest source first, so that the strongest
 * has the last word where order matters (`env`, `pythonpath`). A further source is one more entry of `readSources`.
 */
import { ConfigError } from '../errors.js';
import { readArgv } from './argv.js';
import type { Config } from './config.js';
import { derive, type OptionValues } from './derive.js';
import { readEnvironment, readUwsgiEnvironment } from './environment.js';
import type { Host } from './host.js';
import type { Environment, OptionRow } from './option-row.js';
import { OPTIONS, type Option, type OptionName } from './options.js';
import { findByName, isList } from './option-index.js';
import type { MutableOrigins, Origins } from './origins.js';
import type { Reading } from './reading.js';
import { describeGiven, type Origin, type Setting } from './setting.js';
import { validate } from './validate.js';
import { parseValue, type SingleValue } from './values.js';

export interface ConfigInput {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly host: Host;
}

export interface ResolvedConfig {
  readonly config: Config;
  readonly origins: Origins;
  /** Lines for the log: what was switched on by what, what was chosen and why. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** Throws a ConfigError with every problem of every source. */
export function resolveConfig(input: ConfigInput): ResolvedConfig {
  const sources = readSources(input);
  const problems = sources.flatMap((source) => source.problems);
  const { values, origins } = chooseValues(sources, input.env, problems);
  const unknown = reportUnknown(sources, values.get('strict') !== false, problems);
  if (problems.length > 0) throw new ConfigError(problems);

  const { config, notes } = derive(values, origins, input.host);
  const findings = validate(config, origins);
  if (findings.problems.length > 0) throw new ConfigError(findings.problems);
  return { config, origins, notes, warnings: [...unknown, ...findings.warnings] };
}

/** Strongest first. */
function readSources(input: ConfigInput): Reading[] {
  return [readArgv(input.argv), readEnvironment(input.env), readUwsgiEnvironment(input.env)];
}

/** A value with the place it came from. */
interface Given {
  readonly value: SingleValue;
  readonly origin: Origin;
}

function chooseValues(sources: readonly Reading[], env: Environment, problems: string[]) {
  const layers = sources.map((source) => parseSettings(source.settings, problems));
  const values: OptionValues = new Map();
  const origins: MutableOrigins = new Map();
  for (const row of OPTIONS) {
    const perLayer = layers.map((layer) => layer.get(row.name) ?? []);
    const chosen = isList(row) ? [...perLayer].reverse().flat() : strongest(perLayer);
    const given = chosen.length > 0 ? chosen : defaultOf(row, env);
    values.set(row.name, isList(row) ? given.map(({ value }) => value) : given[0]?.value);
    origins.set(
      row.name,
      given.length > 0 ? given.map(({ origin }) => origin) : [{ source: 'default' }],
    );
  }
  return { values, origins };
}

function strongest(perLayer: readonly (readonly Given[])[]): readonly Given[] {
  return perLayer.find((layer) => layer.length > 0)?.slice(-1) ?? [];
}

function defaultOf(row: Option, env: Environment): readonly Given[] {
  const text = defaultText(row, env);
  if (text === undefined) return [];
  const parsed = parseValue(row, text);
  if (!parsed.ok) throw new Error(`default of ${row.name}: ${text} ${parsed.reason}`);
  return [{ value: parsed.value, origin: { source: 'default' } }];
}

/** In the form the command line takes. */
export function defaultText(row: OptionRow, env: Environment): string | undefined {
  if ('defaultFrom' in row) return row.defaultFrom(env);
  return 'default' in row ? row.default : undefined;
}

/** Every value is read, also one that a stronger source overrides: a mistake stays a mistake. */
function parseSettings(settings: readonly Setting[], problems: string[]): Map<OptionName, Given[]> {
  const given = new Map<OptionName, Given[]>();
  for (const setting of settings) {
    const found = findByName(setting.key);
    if (found === undefined) throw new Error(`a source let the unknown key ${setting.key} through`);
    const parsed =
      setting.value === undefined
        ? { ok: true as const, value: true }
        : parseValue(found.row, setting.value);
    if (!parsed.ok) {
      problems.push(`${describeGiven(setting)}: ${quote(setting.value)} ${parsed.reason}`);
      continue;
    }
    const value = found.negated ? parsed.value !== true : parsed.value;
    const list = given.get(found.row.name) ?? [];
    list.push({ value, origin: setting.origin });
    given.set(found.row.name, list);
  }
  return given;
}

function quote(value: string | undefined): string {
  return JSON.stringify(value ?? '');
}

function reportUnknown(sources: readonly Reading[], strict: boolean, problems: string[]): string[] {
  const warnings: string[] = [];
  for (const key of sources.flatMap((source) => source.unknown)) {
    if (key.severity === 'strict' && strict) problems.push(key.message);
    else warnings.push(`${key.message} (ignored)`);
  }
  return warnings;
}
