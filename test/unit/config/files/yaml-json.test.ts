import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseJson, parseYaml } from '../../../../src/cli/data-parser.js';
import { load, problemsOf } from './load.js';

function pairsOf(name: string, text: string): string[] {
  const { config } = load([name], { [name]: text });
  return config.env.map((pair) => `${pair.name}=${pair.value}`);
}

const BASE = '"http-socket": ":1", "module": "m"';

describe('YAML files', () => {
  it('repeat a key for each element of a list, keep what was written, drop what is empty', () => {
    const text = `
uwsgi:
  http-socket: ":1"
  module: &m app
  master: yes
  umask: 022
  chdir:
  callable: *m
  env: [A=1, "B=%(module)"]
  env:
    - C=3
other:
  env: X=1
`;
    const { config, origins } = load(['a.yml'], { 'a.yml': text });
    assert.deepEqual([config.master, config.umask, config.chdir], [true, 0o22, undefined]);
    assert.equal(config.callable, 'app');
    assert.deepEqual(pairsOf('a.yml', text), ['A=1', 'B=app', 'C=3']);
    assert.deepEqual(origins.get('umask'), [{ source: 'file', file: 'a.yml', line: 6 }]);
    assert.match(problemsOf(['a.yml:other'], { 'a.yml': text })[0] ?? '', /^no socket/);
  });

  it('say where something is wrong', () => {
    const problem = (text: string) => problemsOf(['a.yaml'], { 'a.yaml': text })[0] ?? '';
    assert.match(problem('uwsgi:\n  a: b: c\n'), /^a\.yaml:2: is no valid YAML: /);
    assert.match(problem('uwsgi:\n  env: {A: 1}\n'), /^a\.yaml:2: env: is nested/);
    assert.match(problem('- a\n'), /^a\.yaml:1: is no mapping/);
    assert.match(problem('web: {}\n'), /^a\.yaml: there is no section uwsgi; it has web/);
    assert.match(problem('uwsgi: 4\n'), /^a\.yaml:1: uwsgi is no mapping/);
    assert.match(problem('uwsgi:\n  a: &x {b: 1}\n  env: *x\n'), /nested/);
  });
});

describe('JSON files', () => {
  it('are read like YAML files, with the truth of JSON', () => {
    const text = `{"uwsgi": {${BASE}, "master": true, "need-app": false, "threads": 3, "env": ["A=1", "B=2"]}}`;
    const { config } = load(['a.json'], { 'a.json': text });
    assert.deepEqual([config.master, config.needApp, config.threads], [true, false, 3]);
    assert.deepEqual(pairsOf('a.json', text), ['A=1', 'B=2']);
  });

  it('must be JSON', () => {
    const problem = (text: string) => problemsOf(['a.json'], { 'a.json': text })[0] ?? '';
    assert.match(problem('{uwsgi: {}}'), /^a\.json(:1)?: is no valid JSON/);
    assert.match(problem(`{"uwsgi":\n {${BASE},}}`), /^a\.json:2: is no valid JSON/);
  });
});

describe('the parser of YAML and JSON', () => {
  it('answers any text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.stringMatching(/^[-a:{}[\]&*!|> \n"'#,?]{0,40}$/),
    );
    fc.assert(
      fc.property(text, (input) => {
        assert.equal(typeof parseYaml(input).ok, 'boolean');
        assert.equal(typeof parseJson(input).ok, 'boolean');
      }),
      { numRuns: 500 },
    );
  });
});
