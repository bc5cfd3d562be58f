/** Values that follow from others: `auto`, `socket-timeout`, and what needs a master. Each says so in a note. */
import type { SocketAddress } from './address.js';
import { type Config, propertyName } from './config.js';
import type { Host } from './host.js';
import { identityOf, SOCKET_OPTION_NAMES } from './listen-addresses.js';
import { OPTIONS, type OptionName } from './options.js';
import { isDatagramAddress } from './log-place.js';
import { countProcesses } from './processes-auto.js';
import { masterReasons } from './needs-master.js';
import { isDefault, type MutableOrigins, type Origins } from './origins.js';

/** Before the types of the table are put on them. */
export type OptionValues = Map<OptionName, unknown>;

export function derive(
  values: OptionValues,
  origins: MutableOrigins,
  host: Host,
): { config: Config; notes: string[] } {
  const notes: string[] = [];
  replaceAuto(values, host, notes);
  if (values.get('boot-concurrency') === 'auto')
    values.set('boot-concurrency', Math.max(LEAST_BOOTS, host.availableParallelism()));
  spreadSocketTimeout(values, origins);
  sendLogToAddresses(values, origins);
  for (const name of [...SOCKET_OPTION_NAMES, 'http'] as const)
    bindOnce(name, values, origins, notes);
  const draft = assemble(values);
  const config = switchMasterOn(draft, origins, notes);
  noteIneffective(config, origins, notes);
  return { config: deepFreeze(config), notes };
}

/** A worker that boots waits for files as well, so one at a time leaves even a single CPU unused. */
const LEAST_BOOTS = 2;

function replaceAuto(values: OptionValues, host: Host, notes: string[]): void {
  if (values.get('processes') !== 'auto') return;
  const { count, reasoning } = countProcesses(host, Number(values.get('reload-on-rss') ?? 0));
  values.set('processes', count);
  notes.push(`processes = auto: ${count} (${reasoning})`);
  const cheaper = Number(values.get('cheaper') ?? 0);
  if (cheaper === 0 || cheaper < count) return;
  values.set('cheaper', 0);
  notes.push(`cheaper = ${cheaper} is not below that: the number of workers stays the same`);
}

const SOCKET_TIMEOUTS = ['header-timeout', 'body-timeout', 'send-timeout'] as const;

function spreadSocketTimeout(values: OptionValues, origins: MutableOrigins): void {
  const timeout = values.get('socket-timeout');
  if (timeout === undefined) return;
  for (const name of SOCKET_TIMEOUTS) {
    if (!isDefault(origins, name)) continue;
    values.set(name, timeout);
    origins.set(name, [{ source: 'implied', by: '--socket-timeout' }]);
  }
}

/** `--logto HOST:PORT`, as uWSGI has it: lines go there one by one, by UDP. */
function sendLogToAddresses(values: OptionValues, origins: MutableOrigins): void {
  for (const name of ['logto', 'logto2'] as const) {
    const place = values.get(name);
    if (typeof place !== 'string' || !isDatagramAddress(place)) continue;
    values.set(name, undefined);
    values.set('log-socket', [...(values.get('log-socket') as readonly string[]), place]);
    origins.set('log-socket', [
      ...(origins.get('log-socket') ?? []).filter(({ source }) => source !== 'default'),
      { source: 'implied', by: `--${name} ${place}` },
    ]);
  }
}

/** An address that an option names twice is bound once, as uWSGI does it. Port 0 is a new port each time. */
function bindOnce(
  name: OptionName,
  values: OptionValues,
  origins: MutableOrigins,
  notes: string[],
): void {
  const addresses = (values.get(name) ?? []) as readonly SocketAddress[];
  const places = origins.get(name) ?? [];
  const seen = new Set<string>();
  const kept = addresses.map((address) => {
    const identity = identityOf(address);
    if (identity === undefined) return true;
    const first = !seen.has(identity);
    seen.add(identity);
    return first;
  });
  if (!kept.includes(false)) return;
  values.set(
    name,
    addresses.filter((_, index) => kept[index]),
  );
  origins.set(
    name,
    places.filter((_, index) => kept[index]),
  );
  for (const [index, address] of addresses.entries()) {
    if (!kept[index])
      notes.push(`${name} ${address.text} was given more than once: it is bound once`);
  }
}

/** The one place where values become the typed object; the table and the parsers guarantee the types. */
function assemble(values: OptionValues): Config {
  const entries = OPTIONS.map((row) => [propertyName(row.name), values.get(row.name)] as const);
  return Object.fromEntries(entries) as unknown as Config;
}

function switchMasterOn(config: Config, origins: MutableOrigins, notes: string[]): Config {
  if (config.master) return config;
  const [reason] = masterReasons(config, origins);
  if (reason === undefined || !isDefault(origins, 'master')) return config;
  origins.set('master', [{ source: 'implied', by: reason }]);
  notes.push(`master switched on: ${reason} needs it`);
  return { ...config, master: true };
}

/** What asks for the default gets it: nothing to say. */
function noteIneffective(config: Config, origins: Origins, notes: string[]): void {
  for (const row of OPTIONS) {
    if (!('noEffect' in row) || isDefault(origins, row.name)) continue;
    if ('default' in row && String(config[propertyName(row.name)]) === row.default) continue;
    notes.push(`${row.name} has no effect: ${row.noEffect}`);
  }
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
