/** `%(a b + 2)`: uWSGI's calculator. Strictly from left to right, whole numbers of 64 bits, no operator joins texts. */
import { type Parsed, invalid, valid } from '../parsed.js';

const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/']);

/** Words between spaces. A lone word is looked up and never calculated with. */
export function calculate(
  words: readonly string[],
  lookup: (key: string) => string | undefined,
): Parsed<string> {
  let result: string | undefined;
  let operator: string | undefined;
  for (const word of words) {
    if (OPERATORS.has(word)) operator = word;
    else if (word === '++' || word === '--') {
      const stepped = apply(result ?? '0', word === '++' ? '+' : '-', '1');
      if (!stepped.ok) return stepped;
      result = stepped.value;
    } else {
      const operand = lookup(word) ?? (/^-?\d+$/.test(word) ? word : undefined);
      if (operand === undefined)
        return invalid(`${word} is neither a number nor a key that is set`);
      const next = apply(result, operator, operand);
      if (!next.ok) return next;
      result = next.value;
      operator = undefined;
    }
  }
  return valid(result ?? '');
}

/** The keys among the words: everything but numbers and operators. */
export function keysIn(words: readonly string[]): string[] {
  return words.filter((word) => !OPERATORS.has(word) && !/^(\+\+|--|-?\d+)$/.test(word));
}

function apply(
  left: string | undefined,
  operator: string | undefined,
  right: string,
): Parsed<string> {
  if (operator === undefined) return valid((left ?? '') + right);
  const numbers = [left ?? '0', right].map(toInteger);
  const [one, other] = numbers;
  if (one === undefined || other === undefined)
    return invalid(`${JSON.stringify(one === undefined ? left : right)} is not a number`);
  return valid(String(BigInt.asIntN(64, combine(one, operator, other))));
}

function toInteger(text: string): bigint | undefined {
  const digits = /^\s*([+-]?\d{1,30})\s*$/.exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(digits.replace('+', ''));
}

/** Division by zero is zero, as in uWSGI. */
function combine(one: bigint, operator: string, other: bigint): bigint {
  switch (operator) {
    case '+':
      return one + other;
    case '-':
      return one - other;
    case '*':
      return one * other;
    default:
      return other === 0n ? 0n : one / other;
  }
}
