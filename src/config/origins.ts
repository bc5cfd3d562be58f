/** Where the values of a configuration came from, by option. */
import { type Config, propertyName } from './config.js';
import type { OptionName } from './options.js';
import type { Origin } from './setting.js';

/** Of lists one origin per element; a value that nobody gave has the origin `default`. */
export type Origins = ReadonlyMap<OptionName, readonly Origin[]>;

/** While the configuration is being made. */
export type MutableOrigins = Map<OptionName, readonly Origin[]>;

export function isDefault(origins: Origins, name: OptionName): boolean {
  return (origins.get(name) ?? []).every((origin) => origin.source === 'default');
}

/** An option with its value as the operator would find it: `--threads 4`, or `TSUWSGI_THREADS=4`. */
export function describeValue(
  origins: Origins,
  name: OptionName,
  value: string | number | undefined,
  index = 0,
): string {
  const origin = origins.get(name)?.[index];
  if (origin?.source === 'environment') return `${origin.variable}=${value ?? ''}`;
  if (origin?.source === 'file') return `${origin.file}:${origin.line}: ${name} = ${value ?? ''}`;
  const given = `--${name} ${value ?? ''}`.trimEnd();
  return isDefault(origins, name) ? `the default ${given}` : given;
}

/** The same, of a list for the element with this value. */
export function describeElement(
  { config, origins }: { readonly config: Config; readonly origins: Origins },
  name: OptionName,
  value: string | number | undefined,
): string {
  const all: unknown = config[propertyName(name)];
  const index = Array.isArray(all) ? all.findIndex((element) => textOf(element) === value) : 0;
  return describeValue(origins, name, value, Math.max(0, index));
}

/** Addresses keep how they were written. */
function textOf(element: unknown): unknown {
  return typeof element === 'object' && element !== null && 'text' in element
    ? element.text
    : element;
}
