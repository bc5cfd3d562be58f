import assert from 'node:assert/strict';
import { pairs, said } from './load.js';

const ini = (...lines: string[]): string => ['[uwsgi]', ...lines].join('\n');

/** The value of `chdir` after lines that define something. */
function value(
  text: string,
  lines: readonly string[] = [],
  env: Record<string, string> = {},
): string {
  const found = pairs(ini(...lines, `chdir = ${text}`), { '/run/key': 's3%(x)\n\n' }, env);
  return found.find((pair) => pair.startsWith('chdir = '))?.slice('chdir = '.length) ?? '';
}

describe('magic variables', () => {
  for (const [written, expected] of [
    ['%o|%p|%s|%n|%e', 'a.ini|/srv/a.ini|a.ini|a|ini'],
    ['%d%c', '/srv/srv'],
    ['%0|%1', 'srv|'],
    ['%v|%h|%k', '/srv|web1|4'],
    ['%u %U %g %G', '1000 alice 100 users'],
    ['%b %V', '/usr/bin/node 9.8.7'],
    ['%t %T', '1700000000 1700000000123000'],
    ['100%% %%d', '100% %d'],
    ['%j', 'D3581F0A'],
    ['%x', ''],
    ['50%', '50%'],
  ] as const) {
    it(`${written} → ${expected}`, () => assert.equal(value(written), expected));
  }

  it('that stand for nothing are removed with a warning', () => {
    assert.deepEqual(said(ini('chdir = a%Yb')), [
      'a.ini:2: %Y is no magic variable and is removed; write %%Y for a percent sign',
    ]);
    assert.deepEqual(pairs(ini('chdir = a%Yb')), ['chdir = ab']);
  });

  it('are those of the first file where they are capitals', () => {
    const files = { '/etc/b.ini': ini('chdir = %s %S %d %D') };
    assert.deepEqual(pairs(ini('ini = /etc/b.ini'), files), ['chdir = b.ini a.ini /etc/ /srv/']);
  });
});

describe('placeholders', () => {
  const defined = ['proc = 3', 'name = web', 'link = proc', 'chain = link'];

  for (const [written, expected] of [
    ['%(name)-%(name)', 'web-web'],
    ['%(proc * 2)', '6'],
    ['%(proc + 4)', '7'],
    ['%(proc - 5)', '-2'],
    ['%(proc 1)', '31'],
    ['%(proc ++)', '4'],
    ['%(proc --)', '2'],
    ['%(proc / 2)', '1'],
    ['%(proc / 0)', '0'],
    ['%(proc + 1 * 2)', '8'],
    ['%(%k + 1)', '5'],
    ['%(9223372036854775807 + 1)', '-9223372036854775808'],
    ['%(nothing)', '%(nothing)'],
    ['%(1)%()%( )', '%(1)%()%( )'],
    ['%(%(link) + %(proc))', '6'],
    ['%(%(%(chain)))', '3'],
    ['%(%(link)%(nothing))', '%(proc%(nothing))'],
    ['%(name + 1)', '%(name + 1)'],
    ['%(name', '%(name'],
  ] as const) {
    it(`${written} → ${expected}`, () => assert.equal(value(written, defined), expected));
  }

  it('take the first pair of their name, also an option, a later one, one of the command line', () => {
    assert.equal(value('%(x)', ['x = 1', 'x = 2']), '1');
    assert.equal(value('%(threads)', ['threads = 2']), '2');
    assert.deepEqual(pairs(ini('chdir = %(y)', 'y = %(z)', 'z = end')), ['chdir = end']);
  });

  it('use the environment and files', () => {
    assert.equal(value('$(HOME)/x$(NOT)', [], { HOME: '/h' }), '/h/x$(NOT)');
    assert.equal(value('%($(N) * 2)', [], { N: '21' }), '42');
    assert.equal(value('@(/run/key)'), 's3%(x)\n');
    assert.equal(value('@(%(dir)/key)', ['dir = /run']), 's3%(x)\n');
  });

  it('say what is wrong with them', () => {
    assert.deepEqual(said(ini('chdir = $(NOT)')), [
      'a.ini:2: chdir: $(NOT) is not set in the environment',
    ]);
    assert.deepEqual(said(ini('chdir = %(not)')), [
      'a.ini:2: chdir: %(not) names no key that is set',
    ]);
    assert.match(
      said(ini('chdir = @(/no)'))[0] ?? '',
      /^a\.ini:2: chdir: @\(\/no\): cannot be read/,
    );
    assert.match(said(ini('chdir = @(http://host/key)'))[0] ?? '', /@\(http.*\): is a URL; only/);
    assert.deepEqual(said(ini('log-format = %(uri) %(status)')), []);
    assert.match(said(ini('chdir = %(chdir)'))[0] ?? '', /^a\.ini:2: chdir: refers to itself/);
    assert.match(said(ini('x = %(y)', 'y = %(x)'))[0] ?? '', /refers to itself/);
  });

  it('that double themselves come to an end', () => {
    const doubling = (last: string) =>
      ini(
        ...Array.from(
          { length: 45 },
          (_, index) => `twice${index} = %(twice${index + 1})%(twice${index + 1})`,
        ),
        last,
      );
    assert.deepEqual(said(doubling('twice45 =')), [
      'a.ini:2: twice0: no such option, and no %(twice0) uses it',
    ]);
    assert.ok(said(doubling('twice45 = x')).some((line) => /longer than 64 KiB/.test(line)));
    const within = said(ini(`chdir = ${'%('.repeat(5000)}x${')'.repeat(5000)}`));
    assert.ok(within.includes('a.ini:2: chdir: is nested too deeply'));
    const deep = Array.from({ length: 400 }, (_, index) => `d${index} = %(d${index + 1})`);
    assert.ok(said(ini(...deep)).some((line) => /nested too deeply/.test(line)));
  });

  it('are what unknown keys are, if something uses or declares them', () => {
    const text = ini(
      'app = x',
      'set-placeholder = other=1',
      'set-ph=more=2',
      'chdir = %(app)',
      'wherefore = 1',
    );
    assert.deepEqual(said(text), [
      'a.ini:6: wherefore: no such option, and no %(wherefore) uses it',
    ]);
    assert.deepEqual(said(ini('only = 1', 'if-opt = only=1', 'endif =')), []);
  });
});
