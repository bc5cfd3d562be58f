/**
 * `$(NAME)` (environment), `%(key)` (another pair, with maths) and `@(file)` (a file's text), in this order, so that
 * `%($(N) * 2)` and `@(%(dir)/secret)` work. What a file holds is not searched again.
 *
 * uWSGI instead replaces `@` before `%`, and does not look into the value of a pair that stands further down.
 */
import type { Host } from '../host.js';
import type { Environment } from '../option-row.js';
import { describeGiven, type Setting } from '../setting.js';
import { calculate, keysIn } from './calculator.js';
import { isUrl } from './file-name.js';
import type { PairStore } from './pair-store.js';

/** A placeholder that doubles itself must not fill the memory. */
const LONGEST_VALUE = 65_536;
const DEEPEST = 50;

/** `%(uri)` and its like belong to the value there. */
const FORMATS: ReadonlySet<string> = new Set([
  'log-format',
  'logformat',
  'log-encoder',
  'log-req-encoder',
]);

export interface ExpanderFindings {
  readonly problems: string[];
  readonly warnings: string[];
}

export class Expander {
  readonly #store: PairStore;
  readonly #env: Environment;
  readonly #host: Host;
  readonly #findings: ExpanderFindings;
  /** Settings whose values are being expanded, outermost first. */
  readonly #active: Setting[] = [];
  /** Placeholders within placeholders that are being expanded. */
  #nesting = 0;
  /** Values that are known, as long as no pair is added: a value that is used twice is expanded once. */
  readonly #known = new Map<Setting, string>();
  #knownVersion = 0;
  readonly #reported = new Set<string>();
  #quiet = false;

  constructor(store: PairStore, env: Environment, host: Host, findings: ExpanderFindings) {
    this.#store = store;
    this.#env = env;
    this.#host = host;
    this.#findings = findings;
  }

  /** The setting with its final value. What cannot be replaced stays as it is, with a remark. */
  expand(setting: Setting): Setting {
    if (setting.value === undefined || !/[$%@]\(/.test(setting.value)) return setting;
    return { ...setting, value: this.#expandOnce(setting, setting.value) };
  }

  /** As far as it is known by now. The remarks come when it is expanded for good. */
  peek(setting: Setting): Setting {
    this.#quiet = true;
    const peeked = this.expand(setting);
    this.#quiet = false;
    this.#known.clear();
    return peeked;
  }

  #expandOnce(setting: Setting, text: string): string {
    if (this.#knownVersion !== this.#store.version) this.#known.clear();
    this.#knownVersion = this.#store.version;
    const value = this.#known.get(setting) ?? this.#expandValue(setting, text);
    if (!this.#active.includes(setting)) this.#known.set(setting, value);
    return value;
  }

  #expandValue(setting: Setting, text: string): string {
    if (this.#active.includes(setting)) return this.#refuse(setting, text, 'refers to itself');
    if (this.#active.length >= DEEPEST) return this.#refuse(setting, text, 'is nested too deeply');
    this.#active.push(setting);
    const withVariables = replaceCalls(text, '$', (name) => this.#variable(setting, name));
    const withPairs = replaceCalls(withVariables, '%', (inner) => this.#pair(setting, inner));
    const complete = replaceCalls(withPairs, '@', (path) => this.#fileText(setting, path));
    this.#active.pop();
    if (complete.length > LONGEST_VALUE) return this.#refuse(setting, '', 'is longer than 64 KiB');
    return complete;
  }

  #variable(setting: Setting, name: string): string | undefined {
    const value = this.#env[name];
    if (value === undefined) this.#warn(setting, `$(${name}) is not set in the environment`);
    return value;
  }

  #pair(setting: Setting, inner: string): string {
    const flat = this.#flatten(setting, inner);
    return this.#calculated(setting, flat) ?? `%(${flat})`;
  }

  #calculated(setting: Setting, flat: string): string | undefined {
    const words = flat.split(' ').filter((word) => word !== '');
    if (words.length === 0) return undefined;
    for (const key of keysIn(words)) this.#store.use(key);
    if (words.length === 1) return this.#single(setting, words[0] ?? '');
    const result = calculate(words, (key) => this.#valueOf(key));
    if (result.ok) return result.value;
    this.#warn(setting, `%(${flat}): ${result.reason}`);
    return undefined;
  }

  /** What stands inside goes first, as in uWSGI: `%(%(n) + 1)`. */
  #flatten(setting: Setting, inner: string): string {
    if (!inner.includes('%(')) return inner;
    if (this.#nesting >= DEEPEST) return this.#refuse(setting, '', 'is nested too deeply');
    this.#nesting++;
    const flat = replaceCalls(inner, '%', (nested) => this.#pair(setting, nested));
    this.#nesting--;
    return flat;
  }

  #single(setting: Setting, key: string): string | undefined {
    const value = this.#valueOf(key);
    if (value === undefined && !FORMATS.has(setting.key))
      this.#warn(setting, `%(${key}) names no key that is set`);
    return value;
  }

  #valueOf(key: string): string | undefined {
    const setting = this.#store.first(key);
    if (setting === undefined) return undefined;
    return setting.value === undefined ? '' : this.#expandOnce(setting, setting.value);
  }

  #fileText(setting: Setting, path: string): string | undefined {
    if (isUrl(path)) return this.#refuse(setting, '', `@(${path}): is a URL; only files are read`);
    const text = this.#host.readFile(path);
    if (text === undefined) return this.#refuse(setting, '', `@(${path}): cannot be read`);
    return text.replace(/\n$/, '');
  }

  #refuse(setting: Setting, text: string, reason: string): string {
    this.#report(this.#findings.problems, `${describeGiven(setting)}: ${reason}`);
    return text;
  }

  #warn(setting: Setting, text: string): void {
    this.#report(this.#findings.warnings, `${describeGiven(setting)}: ${text}`);
  }

  #report(list: string[], line: string): void {
    if (this.#quiet || this.#reported.has(line)) return;
    this.#reported.add(line);
    list.push(line);
  }
}

/** Replaces `%(…)` for the sign `%`, up to the parenthesis that closes it; undefined leaves the text as it is. */
function replaceCalls(
  text: string,
  sign: string,
  replace: (inner: string) => string | undefined,
): string {
  const start = `${sign}(`;
  let result = '';
  let position = 0;
  while (result.length <= LONGEST_VALUE) {
    const begin = text.indexOf(start, position);
    const end = begin < 0 ? -1 : closing(text, begin + start.length);
    if (end < 0) return result + text.slice(position);
    result += text.slice(position, begin);
    result += replace(text.slice(begin + start.length, end)) ?? text.slice(begin, end + 1);
    position = end + 1;
  }
  return result;
}

function closing(text: string, from: number): number {
  let depth = 1;
  for (let index = from; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return index;
  }
  return -1;
}
