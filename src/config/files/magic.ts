/** uWSGI's magic variables: `%d` and its like, replaced in the text of a file before it is parsed. */
import { posix } from 'node:path';
import type { Host } from '../host.js';
import type { LineRemark } from './file-content.js';

/** What a letter stands for. */
export type MagicTable = ReadonlyMap<string, string>;

/** A file as far as its magic variables are concerned. */
export interface MagicFile {
  /** As it was given. */
  readonly given: string;
  /** Absolute; symbolic links are not followed. */
  readonly path: string;
  /** As it was asked for; empty for the usual one. */
  readonly section: string;
}

/** Capital letters are those of the first file, for use in the files that it includes. */
export function magicTable(file: MagicFile, first: MagicFile, host: Host): MagicTable {
  const table = new Map<string, string>([
    ['%', '%'],
    ['[', '\u001B'],
  ]);
  addMachine(table, host);
  for (const [letter, value] of fileVariables(first, host)) {
    const capital = letter.toUpperCase();
    if (/[ODSPCENXIJ]/.test(capital)) table.set(capital, value);
  }
  for (const [letter, value] of fileVariables(file, host)) table.set(letter, value);
  return table;
}

function fileVariables({ given, path, section }: MagicFile, host: Host): [string, string][] {
  const directory = posix.dirname(path);
  const components = directory.split('/').filter((part) => part !== '');
  const base = posix.basename(path);
  const dot = base.lastIndexOf('.');
  return [
    ['o', given],
    ['p', path],
    ['s', base],
    ['n', dot < 0 ? base : base.slice(0, dot)],
    ['e', dot < 0 ? '' : base.slice(dot + 1)],
    ['d', directory === '/' ? '/' : `${directory}/`],
    ['c', components.at(-1) ?? ''],
    ['x', section],
    ['i', String(host.inode(path) ?? 0)],
    ['j', djb33x(path)],
    ...components.slice(0, 10).map((part, index): [string, string] => [String(index), part]),
  ];
}

function addMachine(table: Map<string, string>, host: Host): void {
  const facts = host.facts();
  const now = host.now();
  table.set('v', facts.directory).set('V', facts.version).set('h', facts.hostname);
  table.set('k', String(host.availableParallelism())).set('b', facts.binary);
  table.set('u', String(facts.uid)).set('U', facts.user);
  table.set('g', String(facts.gid)).set('G', facts.group);
  table.set('t', String(Math.floor(now / 1000))).set('T', String(Math.floor(now * 1000)));
}

/** Bernstein's hash with xor, 32 bits, in hexadecimal; its lowest byte comes first, as in uWSGI on this machine. */
function djb33x(text: string): string {
  let hash = 5381;
  for (const byte of Buffer.from(text)) hash = (Math.imul(hash, 33) ^ byte) >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(hash);
  return bytes.toString('hex').toUpperCase();
}

/**
 * Replaces the variables of a whole file. `%(` starts a placeholder and stays. What stands for nothing becomes
 * nothing, as in uWSGI, and a warning says so.
 */
export function expandMagic(
  text: string,
  table: MagicTable,
): { text: string; warnings: LineRemark[] } {
  const warnings: LineRemark[] = [];
  const lines = text.split('\n').map((line, index) => {
    if (/^[ \t\r]*[;#]/.test(line)) return line;
    return line.replace(/%([^(\r])/gu, (written, letter: string) => {
      const value = table.get(letter);
      if (value !== undefined) return value;
      if (!/\d/.test(letter)) warnings.push({ line: index + 1, text: removed(written) });
      return '';
    });
  });
  return { text: lines.join('\n'), warnings };
}

function removed(written: string): string {
  return `${written} is no magic variable and is removed; write %${written} for a percent sign`;
}
