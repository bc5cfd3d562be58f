/**
 * The ini dialect of uWSGI: one `key = value` a line, comments only on lines of their own, neither quoting nor
 * continuation, only the section that was asked for, which may appear several times.
 */
import { type FileContent, type LineRemark, missingSection, type Pair } from './file-content.js';
import { shownText } from '../shown-text.js';

type Line =
  | { readonly kind: 'empty' }
  | { readonly kind: 'section'; readonly name: string }
  | { readonly kind: 'pair'; readonly key: string; readonly value: string | undefined }
  | { readonly kind: 'broken'; readonly reason: string };

export function readIni(text: string, section: string): FileContent {
  const pairs: Pair[] = [];
  const problems: LineRemark[] = [];
  const sections: string[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = index + 1;
    const parsed = parseLine(raw);
    if (parsed.kind === 'broken') problems.push({ line, text: parsed.reason });
    else if (parsed.kind === 'section') sections.push(parsed.name);
    else if (parsed.kind === 'pair' && sections.length === 0)
      problems.push({
        line,
        text: `${shownText(parsed.key)}: stands before the first section; [uwsgi] is missing`,
      });
    else if (parsed.kind === 'pair' && sections.at(-1) === section)
      pairs.push({ key: parsed.key, value: parsed.value, line });
  }
  if (!sections.includes(section) && problems.length === 0)
    problems.push(
      missingSection(
        `[${section}]`,
        sections.map((name) => `[${name}]`),
      ),
    );
  return { pairs, problems };
}

function parseLine(raw: string): Line {
  const text = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
  if (text === '' || text.startsWith(';') || text.startsWith('#')) return { kind: 'empty' };
  if (text.startsWith('[')) return parseHeader(text);
  const separator = text.indexOf('=');
  if (separator < 0) return { kind: 'pair', key: text, value: undefined };
  const key = text.slice(0, separator).replace(/[ \t]+$/, '');
  const value = text.slice(separator + 1).replace(/^[ \t]+/, '');
  if (key === '') return { kind: 'broken', reason: 'there is no key before the =' };
  return { kind: 'pair', key, value };
}

function parseHeader(text: string): Line {
  const name = /^\[([^[\]]*)\]$/.exec(text)?.[1];
  if (name !== undefined) return { kind: 'section', name };
  return {
    kind: 'broken',
    reason: `${shownText(text)}: a section is written [name], alone on its line`,
  };
}
