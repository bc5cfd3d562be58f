/** `--help`, from the option table. */
import {
  defaultLabel,
  optionalValueLabel,
  spellings,
  valueLabel,
} from '../config/describe-option.js';
import type { OptionRow } from '../config/option-row.js';
import { OPTION_GROUPS } from '../config/options.js';
import { wrapText } from '../util/wrap-text.js';

const INDENT = 2;
const LEFT_COLUMN = 30;
const NARROWEST = 40;
const WIDEST = 110;

const HEAD = [
  'Usage: tsuwsgi-native [options] [FILE.ini|FILE.yaml|FILE.json[:SECTION]]...',
  '       tsuwsgi-native check FILE',
  '       tsuwsgi-native nginx FILE',
  '       tsuwsgi-native top ADDRESS',
  '',
  'Runs an application callable behind HTTP sockets, for example:',
  '  tsuwsgi-native --http-socket :8080 --wsgi-file app.ts --master --processes 4',
];

const FOOT = [
  'Values are given as --option value or --option=value, flags also as --flag=false or --no-flag.',
  'Every option can be a line of an ini file: http-socket = :8080. check says what of a file of uWSGI works here,',
  'nginx prints the part of an nginx configuration that fits a file; top shows what the server with that --stats does.',
  'Every option can be set in the environment: TSUWSGI_HTTP_SOCKET for --http-socket.',
  'BYTES may end in k, m or g. SECONDS may have a fraction.',
];

/** `width` is the terminal's, in columns. */
export function helpText(width: number): string {
  const columns = Math.min(WIDEST, Math.max(NARROWEST, width));
  const sections = OPTION_GROUPS.flatMap(({ section, rows }) => [
    '',
    section,
    ...rows.flatMap((row) => describeRow(row, columns)),
  ]);
  const foot = FOOT.flatMap((line) => wrapText(line, columns));
  return [...HEAD, ...sections, '', ...foot, ''].join('\n');
}

function describeRow(row: OptionRow, columns: number): string[] {
  const value = optionalValueLabel(row) ?? ` ${valueLabel(row)}`;
  const left = `${' '.repeat(INDENT)}${spellings(row).join(', ')}${value}`.trimEnd();
  const column = columns >= 2 * LEFT_COLUMN ? LEFT_COLUMN : 2 * INDENT + 2;
  const lines = wrapText(rowText(row), columns - column);
  const padded = lines.map((line) => ' '.repeat(column) + line);
  if (left.length >= column) return [left, ...padded];
  return [left.padEnd(column) + (lines[0] ?? ''), ...padded.slice(1)];
}

function rowText(row: OptionRow): string {
  const notes = [
    ...(row.noEffect === undefined ? [] : [`no effect: ${row.noEffect}`]),
    ...(defaultLabel(row) === undefined ? [] : [`default: ${defaultLabel(row) ?? ''}`]),
  ];
  return notes.length === 0 ? row.help : `${row.help} [${notes.join('; ')}]`;
}
