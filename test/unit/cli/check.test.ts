import assert from 'node:assert/strict';
import { check } from '../../../src/cli/check.js';
import { fakeHost } from '../config/fake-host.js';

function checked(lines: readonly string[], argv: readonly string[] = []) {
  const files = { '/srv/a.ini': ['[uwsgi]', ...lines].join('\n'), '/srv/app/app.ts': '' };
  return check({ argv: ['a.ini', ...argv], env: {}, host: fakeHost(4, files) });
}

const COMPLETE = ['http-socket = :8080', 'chdir = app', 'wsgi-file = app.ts'];

const MADE_FILES = [
  ...['pidfile', 'pidfile2', 'daemonize', 'daemonize2', 'logto', 'logto2'],
  ...['stats', 'master-fifo', 'http'],
];

describe('check', () => {
  it('prints what works, what has no effect and what is not supported', () => {
    const { text, wouldRun } = checked([
      ...COMPLETE,
      ...[
        'thunder-lock = true',
        'die-on-term = true',
        'reload-on-fd = 5',
        'vhost = false',
        'log-format = %(uri)',
      ],
    ]);
    const parts = text.split('\n\n').map((part) => part.split('\n'));
    assert.deepEqual(
      parts.map(([title]) => title),
      [
        ...['Works (5):', 'Has no effect here (2):', 'Not supported (1):', 'Remarks: none'],
        ...['Problems: none', 'It would run.'],
      ],
    );
    assert.equal(parts[0]?.[1], '  http-socket = :8080  (a.ini:2)');
    assert.match(
      parts[1]?.join('\n') ?? '',
      /thunder-lock = true {2}\(a\.ini:5\): workers do not share/,
    );
    assert.match(parts[1]?.join('\n') ?? '', /vhost = false .*switched off/);
    assert.match(
      parts[2]?.[1] ?? '',
      /^ {2}reload-on-fd = 5 {2}\(a\.ini:7\): not implemented in this version/,
    );
    assert.equal(wouldRun, true);
  });

  it('takes flags as the server does, which forgives files a comment behind the value', () => {
    const { text, wouldRun } = checked([
      ...COMPLETE,
      'die-on-term = true    ; as always',
      'no-die-on-term = off # twice no',
      'vhost = false ; off',
    ]);
    const [works, idle, unsupported] = text.split('\n\n');
    assert.match(works ?? '', /^Works \(5\):.*die-on-term = true .*no-die-on-term = off/s);
    assert.match(idle ?? '', /^Has no effect here \(1\):\n {2}vhost = false ; off .*switched off/);
    assert.equal(unsupported, 'Not supported: none');
    assert.equal(wouldRun, true);
  });

  it('says why it would not run', () => {
    for (const [lines, problem] of [
      [[...COMPLETE, 'optmize = 1'], /a\.ini:5: optmize: no such option/],
      [[...COMPLETE, 'threads = x'], /a\.ini:5: threads: "x" is not a whole number/],
      [[...COMPLETE, 'chroot = /x'], /chroot is not supported: confine/],
      [['shared-socket = :1', 'module = m'], /no socket/],
      [['http-socket = :1', 'wsgi-file = a.py'], /a\.ini:3: wsgi-file = a\.py is Python/],
      [
        ['http-socket = :1', 'wsgi-file = b.ts'],
        /a\.ini:3: wsgi-file = b\.ts: there is no file \/srv\/b\.ts/,
      ],
      [['http-socket = :1', 'module = a.b:app'], /:3: module = a\.b:app: there is no module a\.b/],
      [['http-socket = :1', 'chdir = gone', 'module = x'], /:3: chdir = gone: there is no such d/],
      [
        ['http-socket = /run/no/x.sock', 'module = app.app'],
        /:2: http-socket = \/run\/no\/x\.sock: there is no such directory: \/run\/no$/m,
      ],
      [
        [...COMPLETE, 'mount = /y=app.ts', 'mount = /x=gone.ts'],
        /a\.ini:6: mount = \/x=gone\.ts: there is no file \/srv\/app/,
      ],
      [[...COMPLETE, 'mount = /x=old.py'], /mount = \/x=old\.py is Python/],
      [[...COMPLETE, 'import = gone'], /a\.ini:5: import = gone: there is no module gone/],
      [[...COMPLETE, 'chdir2 = gone'], /a\.ini:5: chdir2 = gone: there is no such directory/],
      [[...COMPLETE, 'spool-dir = gone'], /a\.ini:5: spool-dir = gone: there is no such dir/],
      [[...COMPLETE, 'uid = eve'], /a\.ini:5: uid = eve: this system has no user "eve"/],
      [[...COMPLETE, 'gid = eve'], /a\.ini:5: gid = eve: this system has no group "eve"/],
      [
        [...COMPLETE, 'add-gid = users', 'add-gid = eve'],
        /a\.ini:6: add-gid = eve: this system has no group "eve"/,
      ],
      [
        [...COMPLETE, 'logger = stdio', 'logger = mine file:/no/x'],
        /a\.ini:6: logger = mine file:\/no\/x: there is no such directory: \/no$/m,
      ],
      [[...COMPLETE, 'chown-socket = alice:eve'], /chown-socket = alice:eve: .* group "eve"/],
      ...['http-socket', 'http', 'stats', 'master-fifo', 'logger'].map(
        (name): readonly [readonly string[], RegExp] => [
          [...COMPLETE, `${name} = ${name === 'logger' ? 'fifo:' : ''}/srv/app/app.ts`],
          new RegExp(
            `a\\.ini:5: ${name} = \\S*app\\.ts: there is a file that is no (socket|pipe)$`,
            'm',
          ),
        ],
      ),
      ...MADE_FILES.map((name): readonly [readonly string[], RegExp] => [
        [...COMPLETE, `${name} = /srv/app`],
        new RegExp(`a\\.ini:5: ${name} = /srv/app: is a directory$`, 'm'),
      ]),
      ...MADE_FILES.map((name): readonly [readonly string[], RegExp] => [
        [...COMPLETE, `${name} = /no/x`],
        new RegExp(`a\\.ini:5: ${name} = /no/x: there is no such directory: /no$`, 'm'),
      ]),
    ] satisfies readonly (readonly [readonly string[], RegExp])[]) {
      const { text, wouldRun } = checked(lines);
      assert.match(text, problem);
      assert.match(text, /\nIt would not run\.\n$/);
      assert.equal(wouldRun, false);
    }
  });

  it('finds applications where the server would', () => {
    for (const lines of [
      ['http-socket = :1', 'module = app.app:application'],
      ['http-socket = :1', 'pp = app', 'module = app'],
      ['http-socket = /srv/app/x.sock', 'chdir = app', 'mount = /x=app.ts'],
      ['http-socket = :1', 'no-need-app = true', 'module = gone', 'import = gone'],
      [...COMPLETE, 'uid = alice', 'gid = 42', 'add-gid = users', 'chown-socket = :users'],
      [...COMPLETE, 'pidfile = /srv/app/x', 'logto = 10.0.0.1:514', 'stats = @s', 'chdir2 = .'],
      [...COMPLETE, 'pidfile = /srv/app/app.ts', 'logger = file:/srv/app/app.ts'],
      [...COMPLETE, 'master-fifo = app/fifo'],
    ])
      assert.equal(checked(lines).text.split('\n').at(-2), 'It would run.', lines.join(' '));
  });

  it('asks the system only for names, which takes the native addon', () => {
    const host = fakeHost(4, { '/srv/app/app.ts': '' });
    const options = ['--http-socket', ':1', '--chdir', 'app', '--wsgi-file', 'app.ts'];
    const { wouldRun } = check({
      argv: [...options, '--uid', '42', '--chown-socket', '42'],
      env: {},
      host: { ...host, hasUser: () => assert.fail(), hasGroup: () => assert.fail() },
    });
    assert.equal(wouldRun, true);
  });

  it('takes the options that would go with the file', () => {
    assert.equal(
      checked(['wsgi-file = app.ts'], ['--chdir', 'app', '--http-socket', ':1']).wouldRun,
      true,
    );
  });
});
