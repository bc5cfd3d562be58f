import { resolveConfig, type ResolvedConfig } from '../../../../src/config/resolve.js';
import { readSources } from '../../../../src/config/sources.js';
import { ConfigError } from '../../../../src/errors.js';
import { type FakeFiles, fakeHost } from '../fake-host.js';

export type Env = Readonly<Record<string, string>>;

/** Files by name, in the directory that the server is started in; `a.ini` is the one that is read. */
function hostWith(files: FakeFiles) {
  return fakeHost(
    4,
    Object.fromEntries(
      Object.entries(files).map(([name, text]) => [
        /^[/-]/.test(name) ? name : `/srv/${name}`,
        text,
      ]),
    ),
  );
}

/** Final pairs of `a.ini` and what it includes, in order; options of uWSGI without a row are among them. */
export function pairs(text: string, files: FakeFiles = {}, env: Env = {}): string[] {
  const host = hostWith({ ...files, 'a.ini': text });
  const sources = readSources({ argv: ['a.ini'], env, host });
  const settings = [...sources.layers.flat(), ...sources.foreign.map(({ setting }) => setting)];
  return settings
    .filter(({ key }) => key !== 'include' && key !== 'ini')
    .map(({ key, value }) => (value === undefined ? key : `${key} = ${value}`));
}

/** Every problem and every warning of reading it. */
export function said(text: string, files: FakeFiles = {}, env: Env = {}): string[] {
  const { problems, unknown, warnings } = readSources({
    argv: ['a.ini'],
    env,
    host: hostWith({ ...files, 'a.ini': text }),
  });
  return [...problems, ...unknown.map(({ message }) => message), ...warnings];
}

export function load(argv: readonly string[], files: FakeFiles, env: Env = {}): ResolvedConfig {
  return resolveConfig({ argv, env, host: hostWith(files) });
}

export function problemsOf(
  argv: readonly string[],
  files: FakeFiles,
  env: Env = {},
): readonly string[] {
  try {
    load(argv, files, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
