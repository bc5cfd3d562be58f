/**
 * `--show-config`: an ini file that sets the same, each value below a comment with its source. What is not given is
 * a comment, with its default.
 */
import type { Config, EnvironmentPair } from '../config/config.js';
import { propertyName } from '../config/config.js';
import type { SocketAddress } from '../config/address.js';
import { OPTIONS, type Option } from '../config/options.js';
import type { OptionRow } from '../config/option-row.js';
import { isDefault, type Origins } from '../config/origins.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { describeOrigin } from '../config/setting.js';
import { describeVerdict } from '../config/uwsgi/foreign-option.js';

/** Acts of the command line, not part of what the server does. */
const ACTS: ReadonlySet<string> = new Set(['help', 'version', 'show-config']);

type Shown = Pick<ResolvedConfig, 'config' | 'origins' | 'foreign'>;

export function showConfig({ config, origins, foreign }: Shown): string {
  const rows = OPTIONS.filter((row) => !ACTS.has(row.name) && !isSource(row));
  const unheeded = foreign.flatMap(({ option, setting }) => [
    `; ${describeOrigin(setting.origin)}: ${describeVerdict(option)}`,
    `;${setting.key} = ${setting.value ?? 'true'}`,
  ]);
  return [
    ';tsuwsgi-native configuration',
    ...filesRead(origins),
    '[uwsgi]',
    ...rows.flatMap((row) => linesOf(row, config, origins)),
    ...unheeded,
    ';end of configuration',
    '',
  ].join('\n');
}

/** What named a file or defined a placeholder has done its work: its outcome is shown. */
function isSource(row: OptionRow): boolean {
  return row.directive !== undefined;
}

function filesRead(origins: Origins): string[] {
  const files = [...origins.values()].flatMap((places) =>
    places.flatMap((origin) => (origin.source === 'file' ? [origin.file] : [])),
  );
  return [...new Set(files)].map((file) => `; from ${file}`);
}

function linesOf(row: Option, config: Config, origins: Origins): string[] {
  const value = config[propertyName(row.name)];
  if (value === undefined || (Array.isArray(value) && value.length === 0)) {
    return [`;${row.name} (not set)`];
  }
  const elements: readonly Element[] = Array.isArray(value)
    ? (value as Element[])
    : [value as Element];
  if (isDefault(origins, row.name)) {
    return elements.map((element) => `;${row.name} = ${format(row, element)} (default)`);
  }
  const places = (origins.get(row.name) ?? []).map(describeOrigin);
  return elements.flatMap((element, index) => [
    `; ${places[index] ?? places[0] ?? ''}`,
    `${row.name} = ${format(row, element)}`,
  ]);
}

/** What one line shows: a scalar, or one element of a list. */
type Element = boolean | number | string | SocketAddress | EnvironmentPair;

/** Percent signs are doubled, as an ini file wants them. */
function format(row: OptionRow, element: Element): string {
  return plain(row, element).replaceAll('%', '%%');
}

function plain(row: OptionRow, element: Element): string {
  if (row.kind === 'octal') return Number(element).toString(8).padStart(3, '0');
  if (typeof element !== 'object') return String(element);
  return 'text' in element ? element.text : `${element.name}=${element.value}`;
}
