/** Which options a reload takes over. Pure. */
import { propertyName, type Config } from '../../config/config.js';
import { OPTIONS, type OptionName } from '../../config/options.js';

export interface ChangedOptions {
  readonly taken: readonly OptionName[];
  /** They need a restart or an upgrade. */
  readonly left: readonly OptionName[];
}

export function changedOptions(now: Config, fresh: Config): ChangedOptions {
  const changed = OPTIONS.filter(({ name }) => !sameValue(now, fresh, name));
  const reloadable = changed.filter(({ reloadable }) => reloadable);
  const names = reloadable.map(({ name }) => name);
  return { taken: names, left: changed.map(({ name }) => name).filter((n) => !names.includes(n)) };
}

/** Changes of the environment that the options ask for: undefined removes a variable. */
export function changedEnvironment(
  now: Pick<Config, 'env' | 'unenv'>,
  fresh: Pick<Config, 'env' | 'unenv'>,
  original: Readonly<NodeJS.ProcessEnv>,
): ReadonlyMap<string, string | undefined> {
  const changes = new Map<string, string | undefined>();
  for (const name of [...now.env.map(({ name }) => name), ...now.unenv])
    changes.set(name, original[name]);
  for (const { name, value } of fresh.env) changes.set(name, value);
  for (const name of fresh.unenv) changes.set(name, undefined);
  return changes;
}

function sameValue(now: Config, fresh: Config, name: OptionName): boolean {
  const property = propertyName(name);
  return JSON.stringify(now[property]) === JSON.stringify(fresh[property]);
}
