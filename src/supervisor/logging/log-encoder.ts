/** Lines in the forms that `--log-encoder` asks for. */
import type { EncodeLine, LogEncoder } from '../../config/log-encoder.js';

/** What every line of a logger goes through; undefined: nothing. */
export function encodersFor(
  encoders: readonly LogEncoder[],
  id: string | undefined,
): EncodeLine | undefined {
  const general = encoders.filter(({ logger }) => logger === undefined);
  const own = encoders.filter(({ logger }) => logger !== undefined && logger === id);
  const chain = [...general, ...own].map(({ encode }) => encode);
  if (chain.length === 0) return undefined;
  return (line, now) => chain.reduce((text, encode) => encode(text, now), line);
}

/** Whole lines in, whole lines out: however a line was encoded, it ends with one newline. */
export function encodeLines(lines: string, encode: EncodeLine): string {
  const now = new Date();
  let all = '';
  for (const line of lines.split('\n'))
    if (line !== '') all += `${encode(line, now).replace(/\n+$/, '')}\n`;
  return all;
}
