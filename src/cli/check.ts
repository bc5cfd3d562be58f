/** `check FILE`: what of a configuration works here, what does nothing, what is missing, and whether it would run. */
import { asksForSomething } from '../config/foreign-report.js';
import type { Host } from '../config/host.js';
import { findByName, type FoundOption } from '../config/option-index.js';
import type { Environment, OptionRow } from '../config/option-row.js';
import { examineConfig, readValue, type Examination } from '../config/resolve.js';
import { describeOrigin, type Setting } from '../config/setting.js';
import type { ForeignUse } from '../config/sources.js';
import { missingInPlace } from './check-place.js';

export interface CheckInput {
  /** What follows the word `check`: a file, and options that would go with it. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly host: Host;
}

export interface CheckReport {
  readonly text: string;
  readonly wouldRun: boolean;
}

interface Entry {
  readonly setting: Setting;
  readonly remark: string;
}

export function check(input: CheckInput): CheckReport {
  const examination = examineConfig(input);
  const { resolved } = examination;
  const missing = resolved === undefined ? [] : missingInPlace(resolved, input.host);
  const problems = [...examination.problems, ...missing];
  const wouldRun = problems.length === 0;
  const text = [
    ...section('Works', worksIn(examination)),
    ...section('Has no effect here', idleIn(examination)),
    ...section('Not supported', unsupportedIn(examination)),
    ...lines('Remarks', examination.remarks),
    ...lines('Problems', problems),
    wouldRun ? 'It would run.' : 'It would not run.',
    '',
  ].join('\n');
  return { text, wouldRun };
}

function worksIn({ sources }: Examination): Entry[] {
  return sources.layers
    .flat()
    .filter(({ key, origin }) => key !== 'include' || origin.source !== 'command line')
    .filter((setting) => noEffectOf(setting) === undefined)
    .map((setting) => ({ setting, remark: '' }));
}

function idleIn({ sources }: Examination): Entry[] {
  const rows = sources.layers.flat().flatMap((setting) => {
    const remark = noEffectOf(setting);
    return remark === undefined ? [] : [{ setting, remark }];
  });
  const foreign = sources.foreign.filter(
    (use) => use.option.verdict === 'no effect' || !asksForSomething(use),
  );
  return [...rows, ...foreign.map(toEntry)];
}

function unsupportedIn({ sources }: Examination): Entry[] {
  return sources.foreign
    .filter((use) => use.option.verdict !== 'no effect' && asksForSomething(use))
    .map(toEntry);
}

function toEntry(use: ForeignUse): Entry {
  const { option, setting } = use;
  if (!asksForSomething(use)) return { setting, remark: 'switched off, and nothing does it here' };
  const kind = {
    'no effect': '',
    'not implemented': 'not implemented in this version, goes on without it',
    refused: 'refused',
  }[option.verdict];
  return { setting, remark: [kind, option.text].filter((part) => part !== '').join('; ') };
}

function noEffectOf(setting: Setting): string | undefined {
  const found = findByName(setting.key);
  if (found === undefined || asksForDefault(found, setting)) return undefined;
  const row: OptionRow = found.row;
  return row.noEffect;
}

/** What is so anyway works. */
function asksForDefault({ row, negated }: FoundOption, setting: Setting): boolean {
  if (row.kind !== 'flag') return false;
  const { parsed } = readValue(row, setting);
  return parsed.ok && (parsed.value !== negated) === (row.default === 'true');
}

function section(title: string, entries: readonly Entry[]): string[] {
  return lines(
    title,
    entries.map(({ setting, remark }) => {
      const value = setting.value === undefined ? '' : ` = ${setting.value}`;
      const place = describeOrigin(setting.origin);
      return `${setting.key}${value}  (${place})${remark === '' ? '' : `: ${remark}`}`;
    }),
  );
}

function lines(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [`${title}: none`, ''];
  return [`${title} (${items.length}):`, ...items.map((item) => `  ${item}`), ''];
}
