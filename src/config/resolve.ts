/**
 * From sources to the final configuration. Precedence: command line, `TSUWSGI_*`, `UWSGI_*`, files in the order they
 * are read, defaults; within one source the last value wins. Lists take the elements of all sources, the weakest source
 * first, so that the strongest has the last word where order matters (`env`, `pythonpath`).
 */
import { ConfigError } from '../errors.js';
import type { Config } from './config.js';
import { derive, type OptionValues } from './derive.js';
import { type FileValue, forgive } from './file-values.js';
import { reportForeign } from './foreign-report.js';
import type { Environment, OptionRow } from './option-row.js';
import { OPTIONS, type Option, type OptionName } from './options.js';
import { findByName, isList } from './option-index.js';
import type { MutableOrigins, Origins } from './origins.js';
import { type Parsed, valid } from './parsed.js';
import type { UnknownKey } from './reading.js';
import { describeGiven, type Origin, type Setting } from './setting.js';
import { shownText } from './shown-text.js';
import { readActivation } from './socket-activation.js';
import { type ConfigInput, type ForeignUse, readSources, type Sources } from './sources.js';
import { validate } from './validate.js';
import { parseValue, type SingleValue } from './values.js';

export interface ResolvedConfig {
  readonly config: Config;
  readonly origins: Origins;
  /** Lines for the log: what was switched on by what, what was chosen and why, what has no effect. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** Given, but without a row in the option table. */
  readonly foreign: readonly ForeignUse[];
}

/** Everything that can be said about a configuration, also about one that cannot be used. */
export interface Examination {
  readonly sources: Sources;
  /** Warnings but those about options that do nothing here. */
  readonly remarks: readonly string[];
  /** undefined where there are problems. */
  readonly resolved: ResolvedConfig | undefined;
  readonly problems: readonly string[];
}

/** Throws a ConfigError with every problem of every source. */
export function resolveConfig(input: ConfigInput): ResolvedConfig {
  const { resolved, problems } = examineConfig(input);
  if (resolved === undefined) throw new ConfigError(problems);
  return resolved;
}

export function examineConfig(input: ConfigInput): Examination {
  const sources = readSources(input);
  const foreign = reportForeign(sources.foreign);
  const findings: Remarks = {
    problems: [...sources.problems, ...foreign.problems],
    warnings: [...sources.warnings],
  };
  const { values, origins } = chooseValues(sources.layers, input.env, findings);
  reportUnknown(sources.unknown, values.get('strict') !== false, findings);
  const failed = (problems: readonly string[]): Examination => ({
    sources,
    remarks: findings.warnings,
    resolved: undefined,
    problems,
  });
  if (findings.problems.length > 0) return failed(findings.problems);

  const { config, notes } = derive(values, origins, input.host);
  const activation = readActivation(input.env, input.host.facts().pid);
  const rules = validate(config, origins, sources.foreign, activation);
  if (rules.problems.length > 0) return failed(rules.problems);
  const remarks = [...findings.warnings, ...rules.warnings];
  const resolved = {
    config,
    origins,
    notes: [...notes, ...foreign.notes],
    warnings: [...remarks, ...foreign.warnings],
    foreign: sources.foreign,
  };
  return { sources, remarks, resolved, problems: [] };
}

interface Remarks {
  readonly problems: string[];
  readonly warnings: string[];
}

/** A value with the place it came from. */
interface Given {
  readonly value: SingleValue;
  readonly origin: Origin;
}

function chooseValues(
  settings: readonly (readonly Setting[])[],
  env: Environment,
  remarks: Remarks,
) {
  const layers = settings.map((layer) => parseSettings(layer, remarks));
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
function parseSettings(settings: readonly Setting[], remarks: Remarks): Map<OptionName, Given[]> {
  const given = new Map<OptionName, Given[]>();
  for (const setting of settings) {
    const found = findByName(setting.key);
    if (found === undefined) throw new Error(`a source let the unknown key ${setting.key} through`);
    const { row, negated } = found;
    const { parsed, remark } = readValue(row, setting);
    if (remark !== undefined)
      remarks.warnings.push(`${describeGiven(setting)}: ${quote(setting.value)} ${remark}`);
    if (!parsed.ok) {
      remarks.problems.push(`${describeGiven(setting)}: ${quote(setting.value)} ${parsed.reason}`);
      continue;
    }
    const value = negated ? parsed.value !== true : parsed.value;
    const list = given.get(row.name) ?? [];
    list.push({ value, origin: setting.origin });
    given.set(row.name, list);
  }
  return given;
}

interface ReadValue {
  readonly parsed: Parsed<SingleValue>;
  readonly remark?: string | undefined;
}

/** A value as it is understood, which for files is not always as it stands there. */
export function readValue(row: Option, { value, origin }: Setting): ReadValue {
  const bare = bareValue(row);
  if (value === undefined || (bare !== undefined && saysOnlyYes(row, value))) {
    return { parsed: row.kind === 'flag' ? valid(true) : parseValue(row, bare ?? '') };
  }
  const { text, remark }: FileValue =
    origin.source === 'file' ? forgive(row, value) : { text: value };
  return { parsed: parseValue(row, text), remark };
}

/** uWSGI takes a mode of `1` for "yes"; people write `true` where a time may be left out. */
function saysOnlyYes(row: Option, value: string): boolean {
  if (row.kind === 'seconds') return value === '' || /^(?:true|on|yes)$/i.test(value);
  return value === '' || (row.kind === 'octal' && value === '1');
}

/** What an option whose value may be left out has without one. */
export function bareValue(row: OptionRow): string | undefined {
  return 'whenBare' in row ? row.whenBare : undefined;
}

function quote(value: string | undefined): string {
  return JSON.stringify(shownText(value ?? ''));
}

function reportUnknown(unknown: readonly UnknownKey[], strict: boolean, remarks: Remarks): void {
  for (const { message, severity } of unknown) {
    if (severity === 'strict' && strict) remarks.problems.push(message);
    else remarks.warnings.push(`${message} (ignored)`);
  }
}
