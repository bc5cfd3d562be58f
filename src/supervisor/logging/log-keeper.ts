/** The master's log: where its own lines and those of the workers go, and what happens to the files behind it. */
import { statSync } from 'node:fs';
import type { Config } from '../../config/config.js';
import { dropNotice, loggerFor } from '../../log/config-logger.js';
import { LineSink } from '../../log/line-sink.js';
import type { Logger } from '../../log/logger.js';
import { sendOutputTo } from '../../startup/log-file.js';
import { EventHistory, recordedIn } from '../stats/event-history.js';
import { LogRelay, needsRelay } from './log-relay.js';
import { LogDrops, type DropSource } from './log-drops.js';
import { failureOf, rotateFile, type LogFileFailure, type OutputAddon } from './log-target.js';

const LOOK_MS = 1000;
const STANDARD_ERROR = 2;

export class LogKeeper {
  readonly logger: Logger;
  /** What `logger` was told of late. */
  readonly events = new EventHistory();
  /** What destinations of the log did not take. */
  readonly drops: LogDrops;
  readonly #config: Config;
  readonly #file: string | undefined;
  /** Standard error: the log where there are no loggers, the last resort where none of them takes anything. */
  readonly #own: LineSink;
  readonly #addon: OutputAddon;
  /** What is said before there are loggers; undefined where nothing has to wait for them. */
  #early: string[] | undefined;
  #relay: LogRelay | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Files that `--log-maxsize` could not make room for when it was last tried. */
  #tooLarge: ReadonlySet<string> = new Set();
  #tellWorkers: (file: string) => void = () => undefined;
  #others: () => readonly DropSource[] = () => [];

  /** `file`: where standard error goes, if that is a file of ours. */
  constructor(config: Config, file: string | undefined, addon: OutputAddon) {
    this.#config = config;
    this.#file = file;
    this.#addon = addon;
    this.#early = needsRelay(config) ? [] : undefined;
    this.#own = new LineSink(addon.openOutput(STANDARD_ERROR), dropNotice(config));
    const write = (lines: string): void => this.#write(lines);
    this.logger = recordedIn(this.events, loggerFor(config, write));
    const heard = loggerFor(config, (lines) => this.#writeSurely(lines));
    this.drops = new LogDrops(recordedIn(this.events, heard), () => [
      ...(this.#relay?.states() ?? [{ name: 'log of the master', ...this.#own.state }]),
      ...this.#others(),
    ]);
  }

  /** The loggers, where there are any and they are open. */
  get relay(): LogRelay | undefined {
    return this.#relay;
  }

  /**
   * As the user that the server runs as: files that are made belong to that one, who has to open them again when they are
   * rotated and at an upgrade. Throws a ConfigError.
   */
  openLoggers(): void {
    const early = this.#early;
    if (early === undefined) return;
    this.#relay = new LogRelay(this.#config, this.#addon, process.cwd());
    this.#early = undefined;
    for (const lines of early) this.#relay.general(lines);
  }

  #write(lines: string): void {
    if (this.#early !== undefined) this.#early.push(lines);
    else if (this.#relay === undefined) this.#own.write(lines);
    else this.#relay.general(lines);
  }

  /** What is said about loggers must not depend on them. */
  #writeSurely(lines: string): void {
    this.#write(lines);
    if (this.#relay?.takesNothing === true) this.#own.write(lines);
  }

  /** `tellWorkers`: they write to the file by themselves and have to open it anew. */
  start(tellWorkers: (file: string) => void): void {
    this.#tellWorkers = tellWorkers;
    this.#timer = setInterval(() => {
      this.#rotateLarge();
      this.drops.look();
    }, LOOK_MS);
  }

  /** Others whose lines get lost: workers, which write by themselves. Asked once a second. */
  watch(others: () => readonly DropSource[]): void {
    this.#others = others;
  }

  /** Lines that the loggers, or standard error of the master, did not take. */
  get dropped(): number {
    const states = this.#relay?.states() ?? [this.#own.state];
    return states.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  /** Where there never were loggers, standard error gets what was for them. */
  stop(): void {
    clearInterval(this.#timer);
    for (const lines of this.#early ?? []) this.#own.write(lines);
    this.#relay?.close();
  }

  /** Whether lines go to anything that could be opened anew. */
  get hasFiles(): boolean {
    return this.#file !== undefined || this.#relay !== undefined;
  }

  reopen(reason: string): void {
    this.logger.info(`${reason}: opening log files anew`, { event: 'log-reopen', reason });
    this.#tell([...(this.#relay?.reopen() ?? []), ...this.#reopenFile()]);
  }

  rotate(reason: string): void {
    this.logger.info(`${reason}: beginning new log files`, { event: 'log-rotate', reason });
    this.#tell([...(this.#relay?.rotate() ?? []), ...this.#rotateFile(0)]);
  }

  /** Once a second: what fails is told once. */
  #rotateLarge(): void {
    const limit = this.#config.logMaxsize || Infinity;
    const failures = [...(this.#relay?.rotateAbove(limit) ?? []), ...this.#rotateFile(limit)];
    this.#tell(failures.filter(({ file }) => !this.#tooLarge.has(file)));
    this.#tooLarge = new Set(failures.map(({ file }) => file));
  }

  #rotateFile(maxBytes: number): readonly LogFileFailure[] {
    const file = this.#file;
    if (file === undefined || maxBytes === Infinity) return [];
    try {
      if (sizeOf(file) <= maxBytes || !rotateFile(file, this.#config.logBackupname)) return [];
    } catch (error) {
      return [failureOf(file, 'renamed', error)];
    }
    return this.#reopenFile();
  }

  #reopenFile(): readonly LogFileFailure[] {
    const file = this.#file;
    if (file === undefined) return [];
    try {
      sendOutputTo(file, { ...this.#config, truncate: false });
      this.#tellWorkers(file);
      return [];
    } catch (error) {
      return [failureOf(file, 'opened anew', error)];
    }
  }

  #tell(failures: readonly LogFileFailure[]): void {
    for (const { file, step, reason } of failures)
      this.logger.error(`log file ${file} cannot be ${step}: ${reason}`, { file, reason });
  }
}

/** 0 for a file that is not there. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
