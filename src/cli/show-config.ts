/** `--show-config`: every value with its source, in the form of an ini file that would set the same. */
import type { Config, EnvironmentPair } from '../config/config.js';
import { propertyName } from '../config/config.js';
import type { SocketAddress } from '../config/address.js';
import { OPTIONS, type Option } from '../config/options.js';
import type { Origins } from '../config/origins.js';
import { describeOrigin } from '../config/setting.js';

/** Acts of the command line, not part of what the server does. */
const ACTS: ReadonlySet<string> = new Set(['help', 'version', 'show-config']);

interface Line {
  readonly assignment: string;
  readonly source: string;
}

export function showConfig(config: Config, origins: Origins): string {
  const lines = OPTIONS.filter((row) => !ACTS.has(row.name)).flatMap((row) =>
    linesOf(row, config, origins),
  );
  const width = Math.max(...lines.map(({ assignment }) => assignment.length));
  const body = lines.map(({ assignment, source }) => `${assignment.padEnd(width)}  ; ${source}`);
  return [';tsuwsgi-native configuration', '[uwsgi]', ...body, ';end of configuration', ''].join(
    '\n',
  );
}

function linesOf(row: Option, config: Config, origins: Origins): Line[] {
  const value = config[propertyName(row.name)];
  const places = (origins.get(row.name) ?? []).map(describeOrigin);
  if (value === undefined || (Array.isArray(value) && value.length === 0)) {
    return [{ assignment: `;${row.name}`, source: 'not set' }];
  }
  const elements: readonly Element[] = Array.isArray(value)
    ? (value as Element[])
    : [value as Element];
  return elements.map((element, index) => ({
    assignment: `${row.name} = ${format(element)}`,
    source: places[index] ?? places[0] ?? '',
  }));
}

/** What one line shows: a scalar, or one element of a list. */
type Element = boolean | number | string | SocketAddress | EnvironmentPair;

function format(element: Element): string {
  if (typeof element !== 'object') return String(element);
  return 'text' in element ? element.text : `${element.name}=${element.value}`;
}
