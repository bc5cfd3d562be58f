import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { readSources, type Sources } from '../../../src/config/sources.js';
import { fakeHost } from './fake-host.js';

const directory = new URL('../../fixtures/ini/corpus/', import.meta.url);
const names = readdirSync(directory).sort();

function read(name: string): Sources {
  const text = readFileSync(new URL(name, directory), 'utf8');
  return readSources({ argv: [name], env: {}, host: fakeHost(4, { [`/srv/${name}`]: text }) });
}

/** What is wrong in the files themselves, and nothing else may be. */
const MISTAKES: Readonly<Record<string, readonly RegExp[]>> = {
  '005.yaml': [/^005\.yaml:6: is no valid YAML: Nested mappings/],
  '020.ini': [
    /^020\.ini:8: ini: \/srv\/\/global\.ini: there is no such file/,
    /^020\.ini:9: .*no such file/,
  ],
  '022.ini': [/^022\.ini:10: .*no such file/, /^022\.ini:11: .*no such file/],
  '024.ini': [/^024\.ini:12: .*no such file/, /^024\.ini:13: .*no such file/],
  '026.ini': [/^026\.ini:15: .*no such file/, /^026\.ini:16: .*no such file/],
  '044.ini': [/^044\.ini:8: optmize: no such option.*did you mean optimize/],
  '058.ini': [/^058\.ini:7: chown: .*did you mean chown-socket/],
  '062.ini': [/^062\.ini:2: exec-before: no such option/, /log-buffering: no such option/],
  '064.ini': [
    /^064\.ini:2: exec-pre: no such option/,
    /^064\.ini:38: log-buffering: no such option/,
  ],
  '078.ini': [/^078\.ini:10: zuid: .*did you mean uid/],
  '100.ini': [/^100\.ini:12: logging: no such option/],
  '114.ini': [/^114\.ini:6: pcre: .*did you mean pcre-jit/],
};

describe('configuration files of real projects', () => {
  it('are there', () => assert.ok(names.length > 60, String(names.length)));

  for (const name of names) {
    it(`${name} reads, and what is wrong in it is named`, () => {
      const { problems, unknown, layers, foreign } = read(name);
      const said = [...problems, ...unknown.map(({ message }) => message)];
      const expected = MISTAKES[name] ?? [];
      assert.equal(said.length, expected.length, said.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(said[index] ?? '', pattern);
      if (expected.length === 0) assert.ok(layers.flat().length + foreign.length > 1);
    });
  }
});
