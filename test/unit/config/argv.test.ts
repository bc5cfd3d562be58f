import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findForeign } from '../../../src/config/uwsgi/foreign-index.js';
import { readArgv } from '../../../src/config/argv.js';
import { findByName, namesOf } from '../../../src/config/option-index.js';
import { OPTIONS } from '../../../src/config/options.js';
import type { OptionRow } from '../../../src/config/option-row.js';

const rows: readonly OptionRow[] = OPTIONS;

/** Keys and values only, in order. */
function pairs(...argv: string[]): [string, string | undefined][] {
  const { settings, problems } = readArgv(argv);
  assert.deepEqual(problems, []);
  return settings.map(({ key, value }) => [key, value]);
}

/** The only problem that the arguments have. */
function problem(...argv: string[]): string {
  const { problems } = readArgv(argv);
  assert.equal(problems.length, 1, problems.join('\n'));
  return problems[0] ?? '';
}

describe('command line', () => {
  it('reads long options with the value behind a space or an equals sign', () => {
    assert.deepEqual(pairs('--threads', '4', '--chdir=/srv'), [
      ['threads', '4'],
      ['chdir', '/srv'],
    ]);
  });

  it('takes everything behind the first equals sign for the value', () => {
    assert.deepEqual(pairs('--env=A=b=c', '--env', 'D=e=f'), [
      ['env', 'A=b=c'],
      ['env', 'D=e=f'],
    ]);
    assert.deepEqual(pairs('--chdir='), [['chdir', '']]);
  });

  it('reads letters alone, with their value attached, and several in one word', () => {
    const expected = [
      ['master', undefined],
      ['processes', '4'],
    ];
    assert.deepEqual(pairs('-M', '-p', '4'), expected);
    assert.deepEqual(pairs('-M', '-p4'), expected);
    assert.deepEqual(pairs('-Mp4'), expected);
    assert.deepEqual(pairs('-Mp', '4'), expected);
  });

  it('keeps the order of repeated options', () => {
    assert.deepEqual(pairs('--pp', 'a', '--threads=1', '--pythonpath=b', '--pp', 'c'), [
      ['pp', 'a'],
      ['threads', '1'],
      ['pythonpath', 'b'],
      ['pp', 'c'],
    ]);
  });

  it('reads flags bare, with a value, and negated', () => {
    assert.deepEqual(pairs('--master', '--need-app=false', '--no-strict'), [
      ['master', undefined],
      ['need-app', 'false'],
      ['no-strict', undefined],
    ]);
  });

  it('remembers where each setting stood and how it was spelled', () => {
    const { settings } = readArgv(['--master', '-p', '4', '--pp=x']);
    assert.deepEqual(
      settings.map(({ origin }) => origin),
      [
        { source: 'command line', index: 0, spelled: '--master' },
        { source: 'command line', index: 1, spelled: '-p/--processes' },
        { source: 'command line', index: 3, spelled: '--pp' },
      ],
    );
  });

  it('takes a value that starts with a dash where no option has that name', () => {
    assert.deepEqual(pairs('--retry-after', '-1', '--chdir', '--srv'), [
      ['retry-after', '-1'],
      ['chdir', '--srv'],
    ]);
  });

  it('reports a missing value, at the end and before another option', () => {
    assert.match(problem('--chdir'), /^--chdir: needs a value/);
    assert.match(problem('-p'), /^-p\/--processes: needs a value/);
    assert.match(problem('--chdir', '--master'), /--master follows.*write --chdir=--master/);
    assert.match(problem('--http-socket'), /such as :8080/);
  });

  it('reports an unknown option once, with its value, and suggests the known one', () => {
    assert.match(problem('--processs', '4'), /^--processs: no such option.*--processes/);
    assert.match(problem('--qqqqqqqq'), /^--qqqqqqqq: no such option; see --help/);
    assert.match(problem('-K'), /^-K: no such option/);
    assert.match(problem('-MKp4'), /^-K: no such option \(in -MKp4\)/);
  });

  it('does not take abbreviations, but names the option', () => {
    assert.match(problem('--proc', '4'), /did you mean --processes/);
  });

  it('does not take an option for the value of an unknown one', () => {
    const { problems } = readArgv(['--xxxxxxxx', '--yyyyyyyy', '1', '-q', '-K', '2']);
    assert.deepEqual(
      problems.map((text) => text.split(':', 1)[0]),
      ['--xxxxxxxx', '--yyyyyyyy', '-q', '-K'],
    );
  });

  it('refuses a value behind a negated flag', () => {
    assert.match(
      problem('--no-master=yes'),
      /takes no value; write --no-master, or --master=true or false/,
    );
  });

  it('notices a long option with one dash', () => {
    assert.match(problem('-http-socket', ':8080'), /two dashes: --http-socket/);
    assert.match(problem('-master'), /two dashes: --master/);
    assert.match(problem('-threads=4'), /two dashes: --threads=4/);
  });

  it('explains arguments that belong to no option', () => {
    assert.match(problem('app.ts'), /--wsgi-file app\.ts/);
    assert.match(problem('app.py'), /is Python; .*--wsgi-file/);
    assert.match(problem('--master', 'false'), /--master=false/);
    assert.match(problem(':8080'), /--http-socket :8080/);
    assert.match(problem('pkg/app:make()'), /--module pkg\/app:make\(\)/);
    assert.match(problem('\u2014master'), /typographic dash/);
    assert.match(
      problem('--if-env', 'HOME'),
      /^--if-env: .*blocks are written in configuration files/,
    );
    assert.match(problem('--', '--master'), /^--master: unexpected argument/);
    assert.match(problem('check'), /^check: .*tsuwsgi-native check FILE$/);
    assert.match(problem('nginx'), /^nginx: .*tsuwsgi-native nginx FILE$/);
  });

  it('takes bare names of configuration files, and - for standard input', () => {
    const { settings, problems } = readArgv(['a.ini', 'b.yml:web', '-', '--json', 'c', '-y', 'd']);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      settings.map(({ key, value }) => [key, value]),
      [
        ['include', 'a.ini'],
        ['include', 'b.yml:web'],
        ['include', '-'],
        ['json', 'c'],
        ['yaml', 'd'],
      ],
    );
  });

  it('takes options of uWSGI that have no row here, with their values and letters', () => {
    const argv = ['-s', ':3031', '-t30', '-Ti', '--chmod-socket=660', '--lazy-apps', '-H', '/venv'];
    const { settings, problems } = readArgv([
      ...argv,
      '--route=x',
      '--chmod',
      '--cheaper',
      '1',
      '-M',
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      settings.map(({ key, value }) => [key, value]),
      [
        ['socket', ':3031'],
        ['harakiri', '30'],
        ['enable-threads', undefined],
        ['single-interpreter', undefined],
        ['chmod-socket', '660'],
        ['lazy-apps', undefined],
        ['virtualenv', '/venv'],
        ['route', 'x'],
        ['chmod', undefined],
        ['cheaper', '1'],
        ['master', undefined],
      ],
    );
  });

  it('goes on after a problem and reports all of them', () => {
    const { problems, settings } = readArgv([
      '--nope-nope',
      '--master',
      'x',
      '-Z',
      '--threads',
      '2',
    ]);
    assert.equal(problems.length, 3);
    assert.deepEqual(
      settings.map(({ key }) => key),
      ['master', 'threads'],
    );
  });

  it('gives back what was put in, in any spelling and order', () => {
    const value = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('-'));
    const option = fc.constantFrom(...rows).chain((row) => spelledOption(row, value));
    fc.assert(
      fc.property(fc.array(option, { maxLength: 12 }), (options) => {
        const { settings, problems } = readArgv(options.flatMap(({ argv }) => argv));
        assert.deepEqual(problems, []);
        assert.deepEqual(
          settings.map(({ key, value: text }) => ({ name: findByName(key)?.row.name, text })),
          options.map(({ name, text }) => ({ name, text })),
        );
      }),
    );
  });

  it('answers any arguments with settings it knows and problems in words', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('--', '-', '-p', '--master', '--threads='));
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        const { settings, problems } = readArgv(argv);
        for (const { key } of settings) assert.ok(findByName(key) ?? findForeign(key));
        for (const text of problems) assert.match(text, /^[^]*: [^]+$/);
        assert.ok(settings.length + problems.length <= argv.join('').length + argv.length);
      }),
    );
  });
});

interface SpelledOption {
  readonly argv: readonly string[];
  readonly name: string;
  readonly text: string | undefined;
}

/** The ways one option may be written, with the value it then has. */
function spelledOption(row: OptionRow, values: fc.Arbitrary<string>): fc.Arbitrary<SpelledOption> {
  const letters = row.short === undefined ? [] : [`-${row.short}`];
  const spelled = fc.constantFrom(...namesOf(row).map((name) => `--${name}`), ...letters);
  if (row.kind === 'flag') {
    return spelled.map((argument) => ({ argv: [argument], name: row.name, text: undefined }));
  }
  return fc.tuple(spelled, values, fc.boolean()).map(([argument, text, attach]) => {
    const separator = argument.startsWith('--') ? '=' : '';
    const argv =
      attach || 'whenBare' in row ? [`${argument}${separator}${text}`] : [argument, text];
    return { argv, name: row.name, text };
  });
}
