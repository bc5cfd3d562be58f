/** Opens what `--logger` names. */
import { fstatSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LineForm, LogPlace, LogSpec } from '../../config/log-spec.js';
import { OptionError } from '../../errors.js';
import type { DropNotice } from '../../log/line-sink.js';
import { UdpTarget, UnixDatagramTarget } from './log-datagrams.js';
import {
  DescriptorTarget,
  FileTarget,
  type LogTarget,
  type OutputAddon,
  type RotationOptions,
} from './log-target.js';
import { syslogFrame } from './syslog-frame.js';

export interface TargetContext {
  readonly addon: OutputAddon;
  /** Relative files are below it. */
  readonly directory: string;
  readonly rotation: RotationOptions;
  /** What stands in files where lines are missing; undefined: the usual text. */
  readonly notice?: DropNotice | undefined;
}

const FIFO_MODE = 0o640;

/** Throws an OptionError of this option. */
export function openTarget(
  { text, place }: LogSpec,
  option: 'logger' | 'req-logger',
  context: TargetContext,
): LogTarget {
  try {
    return targetAt(place, text, context);
  } catch (error) {
    throw new OptionError(option, text, error instanceof Error ? error.message : String(error));
  }
}

function targetAt(place: LogPlace, name: string, context: TargetContext): LogTarget {
  const { addon, directory, notice } = context;
  switch (place.kind) {
    case 'file':
      return fileTarget(place, name, context);
    case 'fifo':
      return fifoTarget(place.path, name, context);
    case 'descriptor':
      fstatSync(place.fd); // one that is not open is told now, not by lines that are missing
      return new DescriptorTarget(name, place.fd, addon, notice);
    case 'udp':
      return new UdpTarget(name, place.host, place.port, framed(place.form));
    case 'unix':
      return new UnixDatagramTarget(
        name,
        resolve(directory, place.path),
        addon,
        framed(place.form),
      );
  }
}

function fileTarget(
  { path, maxBytes, backupName }: Extract<LogPlace, { readonly kind: 'file' }>,
  name: string,
  { addon, directory, rotation, notice }: TargetContext,
): LogTarget {
  return new FileTarget(name, resolve(directory, path), addon, {
    notice,
    mode: rotation.mode,
    backupName: backupName ?? rotation.backupName,
    maxBytes,
  });
}

/** A named pipe, which is made where there is none. A reader may come and go: what it does not read in time is lost. */
function fifoTarget(
  given: string,
  name: string,
  { addon, directory, rotation, notice }: TargetContext,
): LogTarget {
  const path = resolve(directory, given);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) addon.makeFifo(path, rotation.mode ?? FIFO_MODE);
  else if (!found.isFIFO()) throw new Error('it is no named pipe');
  return new FileTarget(name, path, addon, { mode: undefined, backupName: undefined, notice });
}

function framed({ prefix, syslog }: LineForm): (line: string) => string {
  if (syslog !== undefined) return syslogFrame(syslog.tag, syslog.facility, syslog.withHost);
  return prefix === undefined ? (line) => line : (line) => `${prefix} ${line}`;
}
