/** `--logto` and `--daemonize`: standard output and standard error become a file. */
import { closeSync, constants, fchmodSync, fchownSync, openSync, statSync } from 'node:fs';
import { loadAddon } from '../binding/load.js';
import { socketAccess } from '../binding/socket-access.js';
import type { Config } from '../config/config.js';

export interface OutputFileOptions extends Pick<
  Config,
  'logfileChmod' | 'logfileChown' | 'uid' | 'gid'
> {
  readonly truncate: boolean;
}

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
/** uWSGI's, where nothing else is asked for. */
const DEFAULT_MODE = 0o640;
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;

/** Opening a named pipe for writing alone would wait for a reader, or fail without one. */
const NAMED_PIPE = constants.O_RDWR | constants.O_NONBLOCK;

/** Opens for appending, so that processes can share the file. Throws what the system says. */
export function openLogFile(path: string, mode: number | undefined, truncate: boolean): number {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() === true)
    return openSync(path, NAMED_PIPE);
  const fd = openSync(path, truncate ? APPEND | constants.O_TRUNC : APPEND, DEFAULT_MODE);
  if (mode !== undefined) fchmodSync(fd, mode);
  return fd;
}

/** The same for a file that output goes to, as its options say. */
export function openOutputFile(path: string, options: OutputFileOptions): number {
  const { uid, gid, logfileChmod, logfileChown, truncate } = options;
  const fd = openLogFile(path, logfileChmod, truncate);
  if (logfileChown && process.getuid?.() === 0) {
    const settings = { uid, gid, chmodSocket: undefined, chownSocket: undefined };
    const { owner, group } = socketAccess(settings, loadAddon());
    fchownSync(fd, owner, group);
  }
  return fd;
}

/** Sends what this process and its future children write to the file; throws what the system says. */
export function sendOutputTo(path: string, options: OutputFileOptions): void {
  const fd = openOutputFile(path, options);
  const addon = loadAddon();
  addon.duplicateOnto(fd, STANDARD_OUTPUT);
  addon.duplicateOnto(fd, STANDARD_ERROR);
  closeSync(fd);
}
