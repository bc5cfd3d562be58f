/** Where lines of the log can go: one class a kind of `--logger`. Nothing here blocks for long or throws. */
import { createSocket, type Socket } from 'node:dgram';
import { closeSync, fstatSync, renameSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import type { NativeAddon } from '../binding/native.js';
import { LineSink } from '../log/line-sink.js';
import { openLogFile } from '../startup/log-file.js';

export interface LogTarget {
  /** Whole lines, each with its newline. */
  write(lines: string): void;
  /** Opens a file anew, as after its rotation by somebody else. */
  reopen(): void;
  /** Renames a file that is larger than `maxBytes` (0: in any case) and begins a new one. */
  rotate(maxBytes: number): void;
  close(): void;
}

export interface RotationOptions {
  readonly mode: number | undefined;
  /** Name of the renamed file; without it the time is added. */
  readonly backupName: string | undefined;
  readonly maxBytes?: number | undefined;
}

/** The name that a log file gets when it makes room for a new one. */
export function backupNameOf(path: string, backupName: string | undefined): string {
  return backupName ?? `${path}.${Math.floor(Date.now() / 1000)}`;
}

/** false where there is nothing to rename. */
export function rotateFile(path: string, backupName: string | undefined): boolean {
  try {
    renameSync(path, backupNameOf(path, backupName));
    return true;
  } catch {
    return false;
  }
}

export class FileTarget implements LogTarget {
  readonly #path: string;
  readonly #options: RotationOptions;
  #fd: number;
  #sink: LineSink;

  /** Throws where the file cannot be opened. */
  constructor(path: string, options: RotationOptions) {
    this.#path = path;
    this.#options = options;
    this.#fd = openLogFile(path, options.mode, false);
    this.#sink = new LineSink(this.#fd);
  }

  write(lines: string): void {
    this.#sink.write(lines);
  }

  reopen(): void {
    try {
      const fd = openLogFile(this.#path, this.#options.mode, false);
      closeSync(this.#fd);
      this.#fd = fd;
      this.#sink = new LineSink(fd);
    } catch (error) {
      this.#sink.write(`log file ${this.#path} cannot be opened anew: ${String(error)}\n`);
    }
  }

  rotate(maxBytes: number): void {
    const limit = this.#options.maxBytes ?? maxBytes;
    if (fstatSync(this.#fd).size <= limit) return;
    if (rotateFile(this.#path, this.#options.backupName)) this.reopen();
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** A descriptor that was there before: `fd:N` and `stdio`. */
export class DescriptorTarget implements LogTarget {
  readonly #sink: LineSink;

  constructor(fd: number) {
    this.#sink = new LineSink(fd);
  }

  write(lines: string): void {
    this.#sink.write(lines);
  }

  reopen(): void {
    // Whoever gave the descriptor owns what is behind it.
  }

  rotate(): void {
    // As above.
  }

  close(): void {
    // As above.
  }
}

/** One datagram a line, without the newline. */
abstract class DatagramTarget implements LogTarget {
  readonly #frame: (line: string) => string;

  constructor(frame: (line: string) => string) {
    this.#frame = frame;
  }

  protected abstract send(datagram: Buffer): void;

  write(lines: string): void {
    for (const line of lines.split('\n'))
      if (line !== '') this.send(Buffer.from(this.#frame(line)));
  }

  reopen(): void {
    // There is no file.
  }

  rotate(): void {
    // There is no file.
  }

  abstract close(): void;
}

export class UdpTarget extends DatagramTarget {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #port: number;

  constructor(host: string, port: number, frame: (line: string) => string) {
    super(frame);
    this.#host = host;
    this.#port = port;
    this.#socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    // A datagram that cannot be sent is lost, as datagrams are.
    this.#socket.on('error', () => undefined);
    this.#socket.unref();
  }

  protected send(datagram: Buffer): void {
    this.#socket.send(datagram, this.#port, this.#host, () => undefined);
  }

  close(): void {
    this.#socket.close();
  }
}

/** The socket's owner may come later or be started anew: the connection is made when there is something to send. */
export class UnixDatagramTarget extends DatagramTarget {
  readonly #path: string;
  readonly #addon: Pick<NativeAddon, 'connectDatagram'>;
  #fd: number | undefined;

  constructor(
    path: string,
    addon: Pick<NativeAddon, 'connectDatagram'>,
    frame: (line: string) => string,
  ) {
    super(frame);
    this.#path = path;
    this.#addon = addon;
  }

  protected send(datagram: Buffer): void {
    if (!this.#trySend(datagram)) this.#trySend(datagram);
  }

  /** false where the connection was lost and a new one is worth a try. */
  #trySend(datagram: Buffer): boolean {
    const known = this.#fd !== undefined;
    try {
      this.#fd ??= this.#addon.connectDatagram(this.#path);
      writeSync(this.#fd, datagram);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return true;
      this.close();
      return !known;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const INFO = 6;

const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

export function facilityNumber(name: string): number | undefined {
  return FACILITIES[name.toLowerCase().replace(/^log_/, '')];
}

/** RFC 3164: priority, time, host (for other machines), tag. */
export function syslogFrame(
  tag: string,
  facility: number,
  withHost: boolean,
  now: () => Date = () => new Date(),
): (line: string) => string {
  const two = (value: number, filler = '0'): string => String(value).padStart(2, filler);
  return (line) => {
    const time = now();
    const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
    const date = `${MONTHS[time.getMonth()] ?? ''} ${two(time.getDate(), ' ')} ${clock}`;
    const host = withHost ? ` ${hostname()}` : '';
    return `<${facility * 8 + INFO}>${date}${host} ${tag}: ${line}`;
  };
}
