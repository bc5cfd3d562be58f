/** A strict reader of Prometheus' text format 0.0.4: what it accepts, Prometheus accepts. */
import assert from 'node:assert/strict';

export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/** Throws an AssertionError for everything that is not in order. By family name. */
export function parseMetrics(text: string): ReadonlyMap<string, MetricFamily> {
  assert.ok(text.endsWith('\n'), 'the last line has no end');
  const families = new Map<string, MetricFamily & { samples: MetricSample[] }>();
  let current: (MetricFamily & { samples: MetricSample[] }) | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const help = new RegExp(`^# HELP (${NAME}) (.*)$`).exec(line);
    const type = new RegExp(`^# TYPE (${NAME}) (\\w+)$`).exec(line);
    if (help !== null) {
      const [, name = '', words = ''] = help;
      assert.ok(!families.has(name), `${name} is there twice`);
      current = { name, type: '', help: words, samples: [] };
      families.set(name, current);
    } else if (type !== null) {
      assert.equal(type[1], current?.name, 'TYPE belongs to another HELP');
      assert.ok(TYPES.has(type[2] ?? ''), line);
      families.set(current!.name, (current = { ...current!, type: type[2] ?? '' }));
    } else {
      const sample = parseSample(line);
      assert.ok(current !== undefined && belongs(sample.name, current), `stray: ${line}`);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function belongs(name: string, family: MetricFamily): boolean {
  if (family.type !== 'histogram') return name === family.name;
  return ['_bucket', '_sum', '_count'].some((suffix) => name === family.name + suffix);
}

function parseSample(line: string): MetricSample {
  const match = SAMPLE.exec(line);
  assert.ok(match !== null, `no sample: ${line}`);
  const [, name = '', labels, value = ''] = match;
  const number = value === '+Inf' ? Infinity : Number(value);
  assert.ok(value !== '' && !Number.isNaN(number), `no number: ${line}`);
  return { name, labels: labels === undefined ? {} : parseLabels(labels), value: number };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== '';) {
    const match = LABEL.exec(rest);
    assert.ok(match !== null, `no label: ${rest}`);
    const [all, name = '', value = ''] = match;
    assert.ok(!(name in labels), `${name} is there twice`);
    labels[name] = value.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    rest = rest.slice(all.length);
  }
  return labels;
}

function checkFamily({ name, type, help, samples }: MetricFamily): void {
  assert.ok(help !== '' && type !== '', `${name} has no HELP or TYPE`);
  assert.ok(samples.length > 0, `${name} has no sample`);
  const series = samples.map((sample) => sample.name + JSON.stringify(sample.labels));
  assert.equal(new Set(series).size, series.length, `${name} has a series twice`);
  if (type === 'counter') {
    assert.match(name, /_total$/);
    for (const { value } of samples) assert.ok(value >= 0);
  }
  if (type === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly MetricSample[]): void {
  const groups = new Map<string, MetricSample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      labels['le'] === '+Inf' ? Infinity : Number(labels['le']),
    );
    assert.deepEqual(
      bounds,
      bounds.toSorted((one, other) => one - other),
    );
    assert.equal(bounds.at(-1), Infinity);
    for (const [index, { value }] of buckets.entries())
      assert.ok(value >= (buckets[index - 1]?.value ?? 0), `${name} goes down`);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    assert.equal(buckets.at(-1)?.value, count);
    assert.ok(group.some((sample) => sample.name === `${name}_sum`));
  }
}

/** The value of the only sample with these labels. */
export function metricValue(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const family =
    families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, '')) ?? undefined;
  const found = (family?.samples ?? []).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}: ${found.length} samples`);
  return found[0]?.value ?? NaN;
}
