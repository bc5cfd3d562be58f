/**
 * The master as keeper of the log, where loggers are configured: workers write into pipes, and the master passes every
 * line on to the loggers it is for.
 */
import type { Readable } from 'node:stream';
import type { Config } from '../../config/config.js';
import { parseEncoder, type EncodeLine } from '../../config/log-encoder.js';
import { parseLinePattern, parseLogRoute, type LinePattern } from '../../config/log-pattern.js';
import { loggersOf, parseLogSpec } from '../../config/log-spec.js';
import { accepted } from '../../config/parsed.js';
import { dropNotice } from '../../log/config-logger.js';
import type { DropState } from '../../log/line-sink.js';
import { encodeLines, encodersFor } from './log-encoder.js';
import { recordSplitter, singleLines, type LogRecord, type SplitRecords } from './log-records.js';
import { openTarget, type TargetContext } from './log-spec.js';
import {
  DescriptorTarget,
  type LogTarget,
  type OutputAddon,
  type LogFileFailure,
} from './log-target.js';

interface Outlet {
  readonly target: LogTarget;
  /** Lines that are routed to it; undefined: all that are routed to no other. */
  readonly wants: LinePattern | undefined;
  readonly encode: EncodeLine | undefined;
}

const STANDARD_ERROR = 2;
/** A line that does not end is cut, so that it cannot take the memory. */
const MAX_LINE = 64 * 1024;

/** Whether lines have to pass through the master. */
export function needsRelay(config: Config): boolean {
  const lists = [
    loggersOf(config),
    config.reqLogger,
    config.logEncoder,
    config.logReqEncoder,
    config.logFilter,
    config.logDrain,
    config.logRoute,
    config.logReqRoute,
  ];
  return lists.some((list) => list.length > 0);
}

export class LogRelay {
  readonly #general: readonly Outlet[];
  readonly #requests: readonly Outlet[];
  readonly #separate: boolean;
  readonly #keeps: LinePattern | undefined;

  /** Throws a ConfigError for a logger that cannot be opened. */
  constructor(config: Config, addon: OutputAddon, directory: string) {
    const context: TargetContext = {
      addon,
      directory,
      rotation: { mode: config.logfileChmod, backupName: config.logBackupname },
      notice: dropNotice(config),
    };
    this.#separate = config.reqLogger.length > 0 || config.logReqEncoder.length > 0;
    this.#keeps = keptLines(config);
    this.#general = outlets(loggersOf(config), 'general', config, context);
    this.#requests = requestOutlets(this.#general, config, context);
  }

  /** Request lines need a pipe of their own. */
  get separatesRequests(): boolean {
    return this.#separate;
  }

  /** Takes what a worker writes until its end. */
  follow(stream: Readable, requests: boolean): void {
    const split = recordSplitter();
    const put = (lines: string): void =>
      requests ? this.request(lines) : this.general(lines, split);
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const all = rest + text;
      const end = all.lastIndexOf('\n') + 1;
      rest = all.slice(end);
      if (end > 0) put(all.slice(0, end));
      if (rest.length > MAX_LINE) {
        put(`${rest}\n`);
        rest = '';
      }
    });
    stream.on('end', () => {
      if (rest !== '') put(`${rest}\n`);
    });
    stream.on('error', () => undefined);
  }

  /** Lines that are not about requests: whole records, or what `split` knows to belong together. */
  general(lines: string, split: SplitRecords = recordSplitter()): void {
    deliver(this.#general, lines, split, this.#keeps);
  }

  request(lines: string): void {
    deliver(this.#requests, lines, singleLines);
  }

  /** What each destination did not take; one that has several writers is one destination. */
  states(): readonly (DropState & { readonly name: string })[] {
    const byName = new Map<string, DropState>();
    for (const { name, state } of this.#targets()) {
      const other = byName.get(name);
      byName.set(name, other === undefined ? state : together(other, state));
    }
    return [...byName].map(([name, state]) => ({ name, ...state }));
  }

  /** Nobody reads the records of the master. */
  get takesNothing(): boolean {
    return this.#general.every(
      ({ wants, target }) => wants !== undefined || target.state.refusal !== undefined,
    );
  }

  reopen(): readonly LogFileFailure[] {
    return this.#targets().flatMap((target) => target.reopen() ?? []);
  }

  rotateAbove(maxBytes: number): readonly LogFileFailure[] {
    return this.#targets().flatMap((target) => target.rotateAbove(maxBytes) ?? []);
  }

  rotate(): readonly LogFileFailure[] {
    return this.#targets().flatMap((target) => target.rotate() ?? []);
  }

  close(): void {
    for (const target of this.#targets()) target.close();
  }

  #targets(): readonly LogTarget[] {
    return [...new Set([...this.#general, ...this.#requests].map(({ target }) => target))];
  }
}

/** Which of the two streams of lines: their options have other names. */
type Stream = 'general' | 'requests';

function outlets(
  specs: readonly string[],
  stream: Stream,
  config: Config,
  context: TargetContext,
): Outlet[] {
  const routes = stream === 'general' ? config.logRoute : config.logReqRoute;
  const patterns = accepted(routes, parseLogRoute);
  const chain = stream === 'general' ? config.logEncoder : config.logReqEncoder;
  const encoders = accepted(chain, parseEncoder);
  // Without any, lines go where they always go.
  if (specs.length === 0) {
    const { addon, notice } = context;
    const target = new DescriptorTarget('standard error', STANDARD_ERROR, addon, notice);
    return [{ target, wants: undefined, encode: encodersFor(encoders, undefined) }];
  }
  return accepted(specs, parseLogSpec).map((spec): Outlet => {
    const { id } = spec;
    const target = openTarget(spec, stream === 'general' ? 'logger' : 'req-logger', context);
    const encode = encodersFor(encoders, id);
    if (id === undefined) return { target, wants: undefined, encode };
    const own = patterns.filter((route) => route.id === id).map(({ matches }) => matches);
    return { target, wants: (line) => own.some((matches) => matches(line)), encode };
  });
}

/** Without loggers of their own request lines go where all lines go, maybe through encoders of their own. */
function requestOutlets(
  general: readonly Outlet[],
  config: Config,
  context: TargetContext,
): readonly Outlet[] {
  const { reqLogger, logReqEncoder } = config;
  if (reqLogger.length > 0) return outlets(reqLogger, 'requests', config, context);
  if (logReqEncoder.length === 0) return general;
  const encoders = accepted(logReqEncoder, parseEncoder);
  return general.map((outlet) => ({ ...outlet, encode: encodersFor(encoders, undefined) }));
}

/** What `log-drain` and `log-filter` leave; undefined: everything. */
function keptLines({ logDrain, logFilter }: Config): LinePattern | undefined {
  if (logDrain.length === 0 && logFilter.length === 0) return undefined;
  const drains = accepted(logDrain, parseLinePattern);
  const filters = accepted(logFilter, parseLinePattern);
  return (line) =>
    !drains.some((matches) => matches(line)) &&
    (filters.length === 0 || filters.some((matches) => matches(line)));
}

function together(one: DropState, other: DropState): DropState {
  return { dropped: one.dropped + other.dropped, refusal: one.refusal ?? other.refusal };
}

/** As in uWSGI, what is routed goes nowhere else. */
function deliver(
  outlets: readonly Outlet[],
  lines: string,
  split: SplitRecords,
  keeps?: LinePattern,
): void {
  const routes = outlets.flatMap(({ wants }) => wants ?? []);
  if (routes.length === 0 && keeps === undefined) {
    for (const outlet of outlets) write(outlet, lines);
    return;
  }
  const records = split(lines).filter(({ head }) => keeps?.(head) ?? true);
  const rest = records.filter(({ head }) => !routes.some((wants) => wants(head)));
  for (const outlet of outlets) {
    const { wants } = outlet;
    write(outlet, textOf(wants === undefined ? rest : records.filter(({ head }) => wants(head))));
  }
}

function textOf(records: readonly LogRecord[]): string {
  return records.map(({ lines }) => lines).join('');
}

function write({ target, encode }: Outlet, lines: string): void {
  if (lines !== '') target.write(encode === undefined ? lines : encodeLines(lines, encode));
}
