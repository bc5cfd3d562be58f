/**
 * Reads every source of configuration and makes the values in them final: files are opened where they are named,
 * placeholders replaced, and keys sorted into options, options of uWSGI without a row here, and mistakes.
 */
import { readArgv } from './argv.js';
import { readEnvironment, readUwsgiEnvironment } from './environment.js';
import { Expander, type ExpanderFindings } from './files/expander.js';
import { directiveOf, FileReader, splitDefinition } from './files/file-reader.js';
import { PairStore } from './files/pair-store.js';
import { BLOCK_KEYS } from './files/blocks.js';
import type { Host } from './host.js';
import { findByName, suggestName } from './option-index.js';
import type { Environment } from './option-row.js';
import type { UnknownKey } from './reading.js';
import { describeGiven, type Setting } from './setting.js';
import { shownText } from './shown-text.js';
import { findForeign } from './uwsgi/foreign-index.js';
import type { ForeignOption } from './uwsgi/foreign-option.js';

export interface ConfigInput {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly host: Host;
}

/** A setting of uWSGI's that has no row here. */
export interface ForeignUse {
  readonly option: ForeignOption;
  readonly setting: Setting;
}

export interface Sources {
  /** Options of this server, one list a source, the strongest source first; within one the last value wins. */
  readonly layers: readonly (readonly Setting[])[];
  readonly foreign: readonly ForeignUse[];
  readonly unknown: readonly UnknownKey[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export function readSources({ argv, env, host }: ConfigInput): Sources {
  const direct = [readArgv(argv), readEnvironment(env), readUwsgiEnvironment(env)];
  const problems = direct.flatMap((source) => source.problems);
  const findings: ExpanderFindings = { problems, warnings: [] };
  const store = new PairStore();
  const given = direct.map(({ settings }) => takeDefinitions(settings, store, problems));
  const reader = new FileReader({ env, host, store, findings });
  // The weakest source first: of files, the one that is read last counts.
  for (const settings of [...given].reverse()) openFiles(settings, reader);
  const expander = new Expander(store, env, host, findings);
  const final = [...given, reader.settings].map((settings) =>
    settings.map((setting) => (isFileName(setting) ? setting : expander.expand(setting))),
  );
  const all = final.flat();
  return {
    layers: final.map((settings) => settings.filter(({ key }) => findByName(key) !== undefined)),
    foreign: all.flatMap(foreignUse),
    unknown: [
      ...direct.flatMap(({ unknown }) => unknown),
      ...(reader.incomplete ? [] : unknownKeys(all, store)),
    ],
    problems,
    warnings: findings.warnings,
  };
}

/** `--set` and `--set-placeholder` become what they define; everything else goes to where placeholders find it. */
function takeDefinitions(
  settings: readonly Setting[],
  store: PairStore,
  problems: string[],
): Setting[] {
  return settings.flatMap((setting) => {
    const directive = directiveOf(setting.key);
    const defines = directive === 'set' || directive === 'placeholder';
    const defined = defines ? splitDefinition(setting) : setting;
    if (defined === undefined)
      problems.push(`${describeGiven(setting)}: is not of the form KEY=VALUE`);
    if (defined === undefined) return [];
    if (directive === 'placeholder') store.declare(defined);
    else store.add(defined);
    return directive === 'placeholder' ? [] : [defined];
  });
}

function openFiles(settings: readonly Setting[], reader: FileReader): void {
  for (const setting of settings) {
    const directive = directiveOf(setting.key);
    if (directive === undefined || directive === 'set' || directive === 'placeholder') continue;
    reader.include(setting, directive);
  }
}

/** Names of files were expanded when the files were opened. */
function isFileName({ key }: Setting): boolean {
  return directiveOf(key) !== undefined;
}

function foreignUse(setting: Setting): ForeignUse[] {
  if (findByName(setting.key) !== undefined) return [];
  const option = findForeign(setting.key);
  return option === undefined ? [] : [{ option, setting }];
}

function unknownKeys(settings: readonly Setting[], store: PairStore): UnknownKey[] {
  return settings
    .filter(({ key }) => findByName(key) === undefined && findForeign(key) === undefined)
    .filter(({ key }) => !store.isPlaceholder(key))
    .map((setting, index) => {
      const suggestion = index < MOST_SUGGESTIONS ? suggestFor(setting) : undefined;
      return { message: unknownKey(setting, suggestion), severity: 'strict' };
    });
}

/** A file that is no configuration at all need not be compared with every option, line by line. */
const MOST_SUGGESTIONS = 100;

function suggestFor({ key }: Setting): string | undefined {
  return suggestName(key, BLOCK_KEYS);
}

function unknownKey(setting: Setting, suggestion: string | undefined): string {
  const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
  return `${describeGiven(setting)}: no such option, and no %(${shownText(setting.key)}) uses it${hint}`;
}
