/** What the log says about options of uWSGI that do nothing here: one line an option, however often it was given. */
import { beforeComment } from './file-values.js';
import type { ForeignUse } from './sources.js';
import { describeGiven } from './setting.js';
import { describeVerdict } from './uwsgi/foreign-option.js';

export interface ForeignReport {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

const SWITCHED_OFF = /^(false|off|no|0)$/i;

export function reportForeign(uses: readonly ForeignUse[]): ForeignReport {
  const lines = {
    refused: [] as string[],
    'not implemented': [] as string[],
    'no effect': [] as string[],
  };
  for (const same of byOption(uses.filter(asksForSomething))) {
    const [first] = same;
    if (first === undefined) continue;
    const more = same.length > 1 ? ` (given ${same.length} times)` : '';
    const line = `${describeGiven(first.setting)} ${describeVerdict(first.option)}${more}`;
    lines[first.option.verdict].push(line);
  }
  return { problems: lines.refused, warnings: lines['not implemented'], notes: lines['no effect'] };
}

/** A flag that is off asks for nothing. */
export function asksForSomething({ option, setting }: ForeignUse): boolean {
  const { value = '', origin } = setting;
  const text = origin.source === 'file' ? (beforeComment(value) ?? value) : value;
  return option.takes !== 'flag' || !SWITCHED_OFF.test(text);
}

function byOption(uses: readonly ForeignUse[]): ForeignUse[][] {
  const groups = new Map<string, ForeignUse[]>();
  for (const use of uses) {
    const group = groups.get(use.option.name) ?? [];
    group.push(use);
    groups.set(use.option.name, group);
  }
  return [...groups.values()];
}
