import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ExpectedResponse, Level, Outcome, Step, WireCase } from './case-types.js';
import { decodeBytes } from './escapes.js';
import { expand } from './case-expansion.js';
import { parseEnding, parseExpectation, parseRefusal, parseStatuses } from './expectation.js';

interface Draft {
  name: string;
  level: Level;
  rule: string;
  smuggling: boolean;
  whole: boolean;
  note: string[];
  skip: string[];
  here: string;
  steps: Step[];
  pending: Buffer[];
  outcomes: { responses: ExpectedResponse[]; ending: Outcome['ending'] }[];
}

/** All cases of a directory of `*.txt` files, in the order of file names and lines. A file is a theme. */
export function readCorpus(directory: string): WireCase[] {
  const files = readdirSync(directory).filter((name) => name.endsWith('.txt'));
  const cases = files
    .sort()
    .flatMap((name) =>
      parseCaseFile(basename(name, '.txt'), readFileSync(join(directory, name), 'utf8')),
    );
  const seen = new Set<string>();
  for (const { theme, name } of cases) {
    if (seen.has(`${theme}/${name}`)) throw new Error(`two cases are called ${theme}/${name}`);
    seen.add(`${theme}/${name}`);
  }
  return cases;
}

export function parseCaseFile(theme: string, text: string): WireCase[] {
  return expand(text).map((block) => parseCase(theme, block));
}

function parseCase(theme: string, lines: readonly string[]): WireCase {
  const [header, ...rest] = lines;
  const draft = startCase(header ?? '');
  for (const line of rest) {
    try {
      readLine(draft, line);
    } catch (error) {
      throw new Error(`${theme}/${draft.name}: ${line}: ${(error as Error).message}`);
    }
  }
  return finishCase(theme, draft);
}

function startCase(header: string): Draft {
  const [, name, level, rule, ...tags] = header.split(/\s+/);
  if (name === undefined || rule === undefined || (level !== 'must' && level !== 'should')) {
    throw new Error(`expected "case NAME must|should RULE [smuggling] [whole]": ${header}`);
  }
  return {
    name,
    level,
    rule,
    smuggling: tags.includes('smuggling'),
    whole: tags.includes('whole'),
    note: [],
    skip: [],
    here: '',
    steps: [],
    pending: [],
    outcomes: [],
  };
}

function readLine(draft: Draft, line: string): void {
  const [, word = '', rest = ''] = /^(\S+) ?(.*)$/s.exec(line) ?? [];
  switch (word) {
    case 'note':
      draft.note.push(rest);
      return;
    case 'skip':
      draft.skip.push(...rest.split(' '));
      return;
    case 'here':
      draft.here = rest;
      return;
    case '|':
      draft.pending.push(decodeBytes(rest), Buffer.from('\r\n'));
      return;
    case '>':
      draft.pending.push(decodeBytes(rest));
      return;
    default:
      readActionOrExpectation(draft, word, rest);
  }
}

function readActionOrExpectation(draft: Draft, word: string, rest: string): void {
  switch (word) {
    case 'flush':
      flush(draft);
      return;
    case 'wait':
    case 'half-close':
      flush(draft);
      draft.steps.push({ kind: word });
      return;
    case 'or':
      draft.outcomes.push({ responses: [], ending: 'keep' });
      return;
    case 'refuse':
      draft.outcomes.push(...parseRefusal(current(draft).responses, rest));
      return;
    case 'then':
      current(draft).ending = parseEnding(rest);
      return;
    default:
      current(draft).responses.push(parseExpectation(word, rest));
  }
}

function current(draft: Draft): Draft['outcomes'][number] {
  if (draft.outcomes.length === 0) draft.outcomes.push({ responses: [], ending: 'keep' });
  return draft.outcomes[draft.outcomes.length - 1] as Draft['outcomes'][number];
}

function flush(draft: Draft): void {
  if (draft.pending.length === 0) return;
  draft.steps.push({ kind: 'send', bytes: Buffer.concat(draft.pending) });
  draft.pending = [];
}

function finishCase(theme: string, draft: Draft): WireCase {
  flush(draft);
  const { name, level, rule, smuggling, whole, note, skip, here, steps } = draft;
  const outcomes = draft.outcomes.filter(
    (outcome) => outcome.responses.length > 0 || outcome.ending !== 'keep',
  );
  if (outcomes.length === 0) throw new Error(`${theme}/${name}: no outcome`);
  return {
    theme,
    name,
    level,
    rule,
    smuggling,
    whole,
    note: note.join(' '),
    skip,
    steps,
    outcomes,
    here: here === '' ? [] : parseStatuses(here),
  };
}
