/**
 * Error classes with stable codes. What each cause leads to is written in docs/errors.md.
 * `exitCode` is set where the error ends the process; src/ipc/exit-codes.ts lists the numbers.
 */
export class TsuwsgiError extends Error {
  /** Stable, for programs; the message is for people and may change. */
  readonly code: string;
  readonly exitCode: number | undefined;

  constructor(code: string, message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.exitCode = options.exitCode;
  }
}

/** The configuration cannot be used. Carries every problem found, not only the first. */
export class ConfigError extends TsuwsgiError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('ERR_TSUWSGI_CONFIG', problems.join('\n'), { exitCode: 1 });
    this.problems = problems;
  }
}

/**
 * What the value of an option asks for cannot be had. The message names the option as the command line writes it; whoever
 * knows where the value was written tells that instead (src/cli/locate-error.ts).
 */
export class OptionError extends ConfigError {
  readonly option: string;
  readonly value: string;
  readonly reason: string;

  constructor(option: string, value: string, reason: string) {
    super([`--${option} ${value}: ${reason}`]);
    this.option = option;
    this.value = value;
    this.reason = reason;
  }
}

/** An address cannot be bound. The message says which one and what to do. */
export class ListenError extends TsuwsgiError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_TSUWSGI_LISTEN', message, { exitCode: 1, ...options });
  }
}

/** No application: none was named, or the one that was named cannot be loaded. */
export class AppLoadError extends TsuwsgiError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_TSUWSGI_APP_LOAD', message, { exitCode: 22, ...options });
  }
}
