/**
 * Reads configuration files, with those that they include, into one list of settings. Nothing is thrown: what is
 * wrong is a problem with the place it was found at.
 */
import { posix } from 'node:path';
import type { Host } from '../host.js';
import { findByName } from '../option-index.js';
import type { Environment } from '../option-row.js';
import type { Setting } from '../setting.js';
import { describeGiven } from '../setting.js';
import { closesBlock, opensBlock, turnsOf, type Turns } from './blocks.js';
import { readData } from './data-text.js';
import { Expander, type ExpanderFindings } from './expander.js';
import type { FileContent, LineRemark } from './file-content.js';
import { type FileFormat, type FileName, parseFileName } from './file-name.js';
import { readIni } from './ini-text.js';
import { expandMagic, type MagicFile, magicTable } from './magic.js';
import type { PairStore } from './pair-store.js';

const DEFAULT_SECTION = 'uwsgi';
/** Includes that double must not go on for ever. */
const MOST_FILES = 256;
const MOST_SETTINGS = 50_000;

interface OpenBlock {
  readonly opener: Setting;
  readonly turns: Turns;
  /** After `else`: whether its lines are taken. */
  readonly flipped: Turns;
}

export interface FileReaderInput {
  readonly env: Environment;
  readonly host: Host;
  /** Filled with what stronger sources say; every pair that is read is added. */
  readonly store: PairStore;
  readonly findings: ExpanderFindings;
}

export class FileReader {
  readonly settings: Setting[] = [];
  readonly #input: FileReaderInput;
  readonly #expander: Expander;
  /** Files that are being read, outermost first. */
  readonly #open: string[] = [];
  /** A file that was asked for could not be read: what is missing in it cannot be told from mistakes. */
  incomplete = false;
  #first: MagicFile | undefined;
  #lastIni: string | undefined;
  #filesRead = 0;

  constructor(input: FileReaderInput) {
    this.#input = input;
    this.#expander = new Expander(input.store, input.env, input.host, input.findings);
  }

  /** Reads what a setting such as `ini = other.ini:section` names. */
  include(asked: Setting, format: FileFormat | 'any'): void {
    const name = parseFileName(asked.value ?? '', format, this.#lastIni);
    if (name.ok) this.#readOnce(asked, name.value);
    else this.#problem(asked, `${JSON.stringify(asked.value ?? '')} ${name.reason}`);
  }

  #readOnce(asked: Setting, name: FileName): void {
    const path =
      name.path === '-' ? '-' : posix.resolve(this.#input.host.facts().directory, name.path);
    const section = name.section ?? DEFAULT_SECTION;
    const identity = `${path} [${section}]`;
    if (this.#open.includes(identity)) {
      this.#problem(asked, `${name.path} includes itself`);
      return;
    }
    if (++this.#filesRead > MOST_FILES) {
      if (this.#filesRead === MOST_FILES + 1)
        this.#problem(asked, `more than ${MOST_FILES} files are read`);
      return;
    }
    this.#open.push(identity);
    this.#readFile(asked, name, path, section);
    this.#open.pop();
  }

  #readFile(asked: Setting, name: FileName, path: string, section: string): void {
    const text = this.#text(asked, name.path, path);
    if (text === undefined) return;
    if (name.format === 'ini') this.#lastIni = name.path;
    const file: MagicFile = { given: name.path, path, section: name.section ?? '' };
    this.#first ??= file;
    const label = name.path === '-' ? 'standard input' : name.path;
    const magic = expandMagic(text, magicTable(file, this.#first, this.#input.host));
    const content = this.#parse(magic.text, name.format, section);
    this.#warn(magic.warnings, content, label);
    for (const remark of content.problems) this.#input.findings.problems.push(at(label, remark));
    this.#take(content, label);
  }

  /** Other sections, and what is read a second time, give no warning. */
  #warn(remarks: readonly LineRemark[], { pairs }: FileContent, label: string): void {
    const { warnings } = this.#input.findings;
    const taken = new Set(pairs.map(({ line }) => line));
    for (const remark of remarks) {
      const warning = at(label, remark);
      if (taken.has(remark.line) && !warnings.includes(warning)) warnings.push(warning);
    }
  }

  #text(asked: Setting, given: string, path: string): string | undefined {
    const { host } = this.#input;
    const text = path === '-' ? host.readStandardInput() : host.readFile(path);
    if (text !== undefined) return text;
    this.incomplete = true;
    const reason = this.#whyUnreadable(path);
    // A bare name on the command line is its own option.
    this.#problem(asked, describeGiven(asked) === given ? reason : `${given}: ${reason}`);
    return undefined;
  }

  #whyUnreadable(path: string): string {
    const found = path === '-' ? 'other' : this.#input.host.look(path);
    if (found === undefined) return 'there is no such file';
    return found === 'directory' ? 'is a directory' : 'cannot be read';
  }

  #parse(text: string, format: FileFormat, section: string): FileContent {
    const { host } = this.#input;
    if (format === 'ini') return readIni(text, section);
    return readData(format === 'yaml' ? host.parseYaml(text) : host.parseJson(text), section);
  }

  #take(content: FileContent, label: string): void {
    let block: OpenBlock | undefined;
    for (const { key, value, line } of content.pairs) {
      const setting: Setting = { key, value, origin: { source: 'file', file: label, line } };
      if (closesBlock(key)) {
        if (block === undefined) this.#problem(setting, 'closes a block that was not opened');
        block = undefined;
      } else if (key === 'else') block = this.#flip(setting, block);
      else if (opensBlock(key)) block = this.#openBlock(setting, block);
      else if (block === undefined) this.#add(setting);
      else for (const item of block.turns) this.#add(withItem(setting, item));
    }
    if (block !== undefined) this.#problem(block.opener, 'the block is not closed');
  }

  #openBlock(setting: Setting, outer: OpenBlock | undefined): OpenBlock {
    const none: OpenBlock = { opener: setting, turns: [], flipped: [] };
    if (outer !== undefined) {
      this.#problem(setting, `stands inside of ${outer.opener.key}; blocks do not nest`);
      return none;
    }
    const { env, host, store } = this.#input;
    const expanded = this.#expander.expand(setting);
    const turns = turnsOf(setting.key, expanded.value ?? '', {
      env,
      host,
      lookup: (key) => this.#lookup(key),
      use: (key) => store.use(key),
    });
    if (turns.ok)
      return {
        opener: setting,
        turns: turns.value,
        flipped: turns.value.length > 0 ? [] : [undefined],
      };
    this.#problem(setting, `${JSON.stringify(expanded.value ?? '')} ${turns.reason}`);
    return none;
  }

  /** `else` is an addition of uWSGI 2.1. */
  #flip(setting: Setting, block: OpenBlock | undefined): OpenBlock | undefined {
    if (block?.opener.key.startsWith('if') === true)
      return { ...block, turns: block.flipped, flipped: [] };
    this.#problem(setting, 'stands outside of an if block');
    return block;
  }

  #lookup(key: string): string | undefined {
    const found = this.#input.store.first(key);
    return found === undefined ? undefined : (this.#expander.peek(found).value ?? '');
  }

  #add(setting: Setting): void {
    if (this.settings.length >= MOST_SETTINGS) {
      if (this.settings.length === MOST_SETTINGS) this.#tooMany(setting);
      return;
    }
    const directive = directiveOf(setting.key);
    if (directive === 'set' || directive === 'placeholder') this.#define(setting, directive);
    else if (directive === undefined) this.#keep(setting);
    else {
      const asked = this.#expander.expand(setting);
      this.#keep(asked);
      this.include(asked, directive);
    }
  }

  #keep(setting: Setting): void {
    this.settings.push(setting);
    this.#input.store.add(setting);
  }

  #define(setting: Setting, directive: 'set' | 'placeholder'): void {
    const defined = splitDefinition(setting);
    if (defined === undefined) this.#problem(setting, 'is not of the form KEY=VALUE');
    else if (directive === 'set') this.#add(defined);
    else this.#input.store.declare(defined);
  }

  #tooMany(setting: Setting): void {
    this.#problem(setting, `more than ${MOST_SETTINGS} settings`);
    this.settings.push(setting);
  }

  #problem(setting: Setting, text: string): void {
    this.#input.findings.problems.push(`${describeGiven(setting)}: ${text}`);
  }
}

/** What a key does while files are read; undefined: nothing, it is an option. */
export function directiveOf(key: string): FileFormat | 'any' | 'set' | 'placeholder' | undefined {
  const row = findByName(key)?.row;
  return row !== undefined && 'directive' in row ? row.directive : undefined;
}

/** `set = processes=4` is `processes = 4`. */
export function splitDefinition(setting: Setting): Setting | undefined {
  const separator = setting.value?.indexOf('=') ?? -1;
  if (setting.value === undefined || separator <= 0) return undefined;
  const key = setting.value.slice(0, separator).trim();
  return { ...setting, key, value: setting.value.slice(separator + 1).trim() };
}

function withItem(setting: Setting, item: string | undefined): Setting {
  if (item === undefined) return setting;
  const key = setting.key.replaceAll('%(_)', () => item);
  return { ...setting, key, value: setting.value?.replaceAll('%(_)', () => item) };
}

function at(label: string, { line, text }: LineRemark): string {
  return line === 0 ? `${label}: ${text}` : `${label}:${line}: ${text}`;
}
