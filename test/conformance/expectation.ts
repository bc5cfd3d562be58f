import type { Ending, ExpectedResponse, Framing, HeaderRule, StatusPattern } from './case-types.js';
import { decodeBytes } from './escapes.js';

const ENDINGS: readonly string[] = ['keep', 'close', 'any', 'idle-close'];
const FRAMINGS: readonly string[] = ['none', 'length', 'chunked', 'until-close'];

export function parseEnding(text: string): Ending {
  if (!ENDINGS.includes(text)) throw new Error(`unknown ending ${text}`);
  return text as Ending;
}

/** `200`, `4xx`, `400|501`. */
export function parseStatuses(text: string): StatusPattern[] {
  return text.split('|').map((part) => {
    const digits = /^([1-5])(xx|\d\d)$/.exec(part);
    if (digits === null) throw new Error(`not a status: ${part}`);
    const hundred = Number(digits[1]) * 100;
    if (digits[2] === 'xx') return { from: hundred, to: hundred + 99 };
    return { from: Number(part), to: Number(part) };
  });
}

/**
 * `refuse 400|drop`: after the responses so far, one of the statuses and the connection closes; with `drop` also
 * without any answer. Gives the outcomes that come on top of the one in which `before` was collected.
 */
export function parseRefusal(
  before: ExpectedResponse[],
  text: string,
): { responses: ExpectedResponse[]; ending: Ending }[] {
  const kept = before.splice(0);
  const statuses = text.split('|').filter((part) => part !== 'drop');
  const outcomes: { responses: ExpectedResponse[]; ending: Ending }[] = [];
  if (statuses.length > 0) {
    const refusal = parseExpectation('answer', statuses.join('|'));
    outcomes.push({ responses: [...kept, refusal], ending: 'close' });
  }
  if (text.split('|').includes('drop')) outcomes.push({ responses: [...kept], ending: 'close' });
  return outcomes;
}

/** One line that begins with `ok`, `answer`, `interim` or `interim?`. */
export function parseExpectation(word: string, rest: string): ExpectedResponse {
  const words = splitWords(rest);
  switch (word) {
    case 'ok': {
      const [method, target, ...more] = words;
      return withAttributes({ statuses: '200', seen: `${method} ${target}` }, more);
    }
    case 'answer': {
      const [statuses = '', ...more] = words;
      return withAttributes({ statuses }, more);
    }
    case 'interim':
    case 'interim?':
      return withAttributes(
        { statuses: words[0] ?? '', optional: word === 'interim?' },
        words.slice(1),
      );
    default:
      throw new Error(`unknown word ${word}`);
  }
}

function splitWords(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|\S)+/g) ?? [];
}

interface Start {
  readonly statuses: string;
  readonly seen?: string;
  readonly optional?: boolean;
}

function withAttributes(start: Start, words: readonly string[]): ExpectedResponse {
  const { statuses, seen, optional = false } = start;
  const response = {
    statuses: parseStatuses(statuses),
    seen,
    optional,
    head: words.includes('head'),
    cut: words.includes('cut'),
    body: undefined as Buffer | undefined,
    framing: undefined as Framing | undefined,
    headers: [] as HeaderRule[],
  };
  for (const word of words) readAttribute(response, word);
  return response;
}

interface Attributes {
  seen: string | undefined;
  body: Buffer | undefined;
  framing: Framing | undefined;
  headers: HeaderRule[];
}

function readAttribute(response: Attributes, word: string): void {
  const [, key = '', value = ''] = /^([a-z]+)=(.*)$/s.exec(word) ?? [];
  if (word === 'head' || word === 'cut') return;
  if (word.startsWith('"')) response.body = quoted(word);
  else if (key === 'body') response.body = quoted(value);
  else if (key === 'seen') response.seen = quoted(value).toString('latin1');
  else if (key === 'framing') response.framing = framing(value);
  else if (key === 'has' || key === 'lacks' || key === 'is' || key === 'like') {
    response.headers.push(headerRule(key, quoted(value).toString('latin1')));
  } else throw new Error(`unknown attribute ${word}`);
}

function framing(text: string): Framing {
  if (!FRAMINGS.includes(text)) throw new Error(`unknown framing ${text}`);
  return text as Framing;
}

function quoted(text: string): Buffer {
  return decodeBytes(text.startsWith('"') ? text.slice(1, -1) : text);
}

function headerRule(kind: 'has' | 'lacks' | 'is' | 'like', text: string): HeaderRule {
  if (kind === 'has') return { kind: 'present', name: text.toLowerCase() };
  if (kind === 'lacks') return { kind: 'absent', name: text.toLowerCase() };
  const colon = text.indexOf(':');
  if (colon < 0) throw new Error(`not "Name: value": ${text}`);
  const name = text.slice(0, colon).toLowerCase();
  const value = text.slice(colon + 1).trim();
  if (kind === 'is') return { kind: 'equals', name, value };
  return { kind: 'matches', name, pattern: new RegExp(`^(?:${value})$`, 'i') };
}
