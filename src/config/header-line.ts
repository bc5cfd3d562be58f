/** A header field, as `--add-header` writes it. */
import { type Parsed, invalid, valid } from './parsed.js';

type HeaderLine = readonly [name: string, value: string];

const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):\s*([\t\x20-\x7e\x80-\xff]*)$/;

export function parseHeaderLine(text: string): Parsed<HeaderLine> {
  const match = FIELD.exec(text);
  if (match === null) return invalid('is not of the form NAME: VALUE');
  return valid([match[1] ?? '', match[2] ?? '']);
}
