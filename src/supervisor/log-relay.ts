/**
 * The master as keeper of the log, where loggers are configured: workers write into pipes, and the master passes every
 * line on to the loggers it is for.
 */
import type { Readable } from 'node:stream';
import type { NativeAddon } from '../binding/native.js';
import type { Config } from '../config/config.js';
import { ConfigError } from '../errors.js';
import { openTarget, parseLogSpec, type TargetContext } from './log-spec.js';
import { DescriptorTarget, type LogTarget } from './log-target.js';

interface Outlet {
  readonly target: LogTarget;
  /** Lines for it; undefined: all. */
  readonly wants: ((line: string) => boolean) | undefined;
}

const STANDARD_ERROR = 2;
/** A line that does not end is cut, so that it cannot take the memory. */
const MAX_LINE = 64 * 1024;

export function needsRelay(config: Config): boolean {
  return config.logger.length > 0 || config.reqLogger.length > 0;
}

export class LogRelay {
  readonly #general: readonly Outlet[];
  readonly #requests: readonly Outlet[];
  readonly #separate: boolean;

  /** Throws a ConfigError for a logger that cannot be opened. */
  constructor(config: Config, addon: Pick<NativeAddon, 'connectDatagram'>, directory: string) {
    const context: TargetContext = {
      addon,
      directory,
      rotation: { mode: config.logfileChmod, backupName: config.logBackupname },
    };
    this.#general = outlets(config.logger, config.logRoute, 'log-route', context);
    this.#requests = outlets(config.reqLogger, config.logReqRoute, 'log-req-route', context);
    this.#separate = config.reqLogger.length > 0;
  }

  /** Request lines need a pipe of their own. */
  get separatesRequests(): boolean {
    return this.#separate;
  }

  /** Takes what a worker writes until its end. */
  follow(stream: Readable, requests: boolean): void {
    const put = (lines: string): void => (requests ? this.request(lines) : this.general(lines));
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

  /** Whole lines that are not about requests. */
  general(lines: string): void {
    deliver(this.#general, lines);
  }

  request(lines: string): void {
    deliver(this.#separate ? this.#requests : this.#general, lines);
  }

  reopen(): void {
    for (const { target } of this.#all()) target.reopen();
  }

  rotate(maxBytes: number): void {
    for (const { target } of this.#all()) target.rotate(maxBytes);
  }

  close(): void {
    for (const { target } of this.#all()) target.close();
  }

  #all(): readonly Outlet[] {
    return [...this.#general, ...this.#requests];
  }
}

function outlets(
  specs: readonly string[],
  routes: readonly string[],
  option: string,
  context: TargetContext,
): Outlet[] {
  const patterns = routes.map((text) => parseRoute(text, option));
  const opened = specs.map((text): Outlet => {
    const { id } = parseLogSpec(text);
    const target = openTarget(text, context);
    if (id === undefined) return { target, wants: undefined };
    const own = patterns.filter((route) => route.id === id).map(({ pattern }) => pattern);
    return { target, wants: (line) => own.some((pattern) => pattern.test(line)) };
  });
  // Without any, general lines go where they always go.
  return opened.length > 0
    ? opened
    : [{ target: new DescriptorTarget(STANDARD_ERROR), wants: undefined }];
}

function parseRoute(
  text: string,
  option: string,
): { readonly id: string; readonly pattern: RegExp } {
  const match = /^(\S+)\s+(.+)$/s.exec(text.trim());
  if (match === null) throw new ConfigError([`--${option} ${text}: is not of the form ID REGEX`]);
  try {
    return { id: match[1] ?? '', pattern: new RegExp(match[2] ?? '') };
  } catch {
    throw new ConfigError([`--${option} ${text}: ${match[2] ?? ''} is not a regular expression`]);
  }
}

function deliver(outlets: readonly Outlet[], lines: string): void {
  for (const { target, wants } of outlets) {
    if (wants === undefined) target.write(lines);
    else {
      const wanted = lines.split('\n').filter((line) => line !== '' && wants(line));
      if (wanted.length > 0) target.write(`${wanted.join('\n')}\n`);
    }
  }
}
