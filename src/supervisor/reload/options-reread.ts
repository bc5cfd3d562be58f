import { propertyName, type Config } from '../../config/config.js';
import type { OptionName } from '../../config/options.js';
import type { Logger } from '../../log/logger.js';
import type { StartOrigin } from '../../startup/origin.js';
import { changedEnvironment, changedOptions } from './changed-options.js';

/** The configuration of the running master; whoever holds it sees what a reload has taken over. */
export type LiveConfig = { -readonly [Name in keyof Config]: Config[Name] };

/** A reload reads the options again and takes over what may change while the server runs. */
export class OptionsReread {
  readonly #live: LiveConfig;
  readonly #origin: StartOrigin;
  readonly #logger: Logger;

  constructor(live: LiveConfig, origin: StartOrigin, logger: Logger) {
    this.#live = live;
    this.#origin = origin;
    this.#logger = logger;
  }

  /** What is wrong with the options, where something is: everything stays as it is then. */
  run(): string | undefined {
    try {
      const fresh = this.#origin.readOptions();
      if (fresh === undefined) this.#cannotRead();
      else this.#take(fresh);
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error(
        `reload failed: the options are wrong, everything goes on as it is: ${reason}`,
        { event: 'reload-failed', reason },
      );
      return reason;
    }
  }

  #cannotRead(): void {
    this.#logger.warn(
      'options are not read again: this user may not read the configuration files any more',
      { event: 'options-kept', reason: 'unreadable' },
    );
  }

  #take(fresh: Config): void {
    const { taken, left } = changedOptions(this.#live, fresh);
    if (taken.includes('env') || taken.includes('unenv')) this.#setEnvironment(fresh);
    const values = Object.fromEntries(
      taken.map((name) => [propertyName(name), valueOf(fresh, name)]),
    );
    Object.assign(this.#live, values);
    if (taken.length > 0)
      this.#logger.info(`changed options, for new workers: ${described(fresh, taken)}`, {
        event: 'options-taken',
        options: taken,
      });
    if (left.length > 0)
      this.#logger.warn(
        `changed options that a reload does not take over: ${described(fresh, left)}; upgrade (SIGUSR2) or restart the server for them`,
        { event: 'options-left', options: left },
      );
  }

  #setEnvironment(fresh: Config): void {
    for (const [name, value] of changedEnvironment(this.#live, fresh, this.#origin.env)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

function valueOf(config: Config, name: OptionName): unknown {
  return config[propertyName(name)];
}

/** Names alone where a value may be a secret. */
function described(config: Config, names: readonly OptionName[]): string {
  return names
    .map((name) => {
      const value = valueOf(config, name);
      return typeof value === 'number' || typeof value === 'boolean' ? `${name} ${value}` : name;
    })
    .join(', ');
}
