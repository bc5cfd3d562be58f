import assert from 'node:assert/strict';
import { listenAddresses } from '../../../src/config/listen-addresses.js';
import { resolveConfig } from '../../../src/config/resolve.js';
import { fakeHost } from './fake-host.js';

function resolve(...argv: string[]) {
  const complete = ['--wsgi-file', 'a.ts', ...argv];
  return resolveConfig({ argv: complete, env: {}, host: fakeHost(1) });
}

const spoken = (...argv: string[]): string[] =>
  listenAddresses(resolve(...argv).config).map(({ text, protocol }) => `${protocol} ${text}`);

describe('addresses to listen on', () => {
  it('speak what their option says', () => {
    assert.deepEqual(
      spoken('--http-socket', ':80', '-s', '/run/a', '--uwsgi-socket', '@b', '-s', ':81'),
      ['uwsgi /run/a', 'uwsgi :81', 'uwsgi @b', 'http :80'],
    );
  });

  it('follow --protocol where they are those of --socket', () => {
    assert.deepEqual(
      spoken('--socket-protocol', 'http', '-s', '/run/a', '--uwsgi-socket', '/run/b'),
      ['http /run/a', 'uwsgi /run/b'],
    );
    assert.throws(() => resolve('--protocol', 'fastcgi', '-s', ':1'), /accepted: uwsgi, http/);
  });

  it('are all abstract with --abstract-socket', () => {
    const addresses = listenAddresses(resolve('-a', '-s', '/run/a', '-s', ':80').config);
    assert.deepEqual(
      addresses.map((address) => address.kind === 'unix' && address.abstractName),
      [true, false],
    );
  });

  it('are bound once, whichever the option', () => {
    const { config, notes } = resolve('-s', '/run/a', '-s', '/run/a', '--uwsgi-socket', '/run/a');
    assert.equal(listenAddresses(config).length, 1);
    assert.match(notes.join('\n'), /socket \/run\/a was given more than once/);
  });

  it('have one protocol', () => {
    assert.throws(
      () => resolve('-s', '/run/a', '--http-socket', '/run/a'),
      /--http-socket \/run\/a: the address is to speak uwsgi and http/,
    );
  });

  for (const option of ['--http', '--stats']) {
    it(`are not those of ${option}`, () => {
      assert.throws(
        () => resolve('-s', '/run/a', option, '/run/a'),
        new RegExp(
          `${option} /run/a: the address is given for a socket of the workers and for .*${option}.*of its own`,
        ),
      );
      assert.doesNotThrow(() => resolve('-s', ':0', option, ':0'));
    });
  }
});

describe('access to UNIX sockets', () => {
  const mode = (...argv: string[]): number | undefined =>
    resolve('-s', '/run/a', ...argv).config.chmodSocket;

  it('is 666 for a mode that is left out', () => {
    assert.equal(mode('--chmod-socket'), 0o666);
    assert.equal(mode('-C'), 0o666);
    assert.equal(mode('--chmod-socket=1'), 0o666);
    assert.equal(mode(), undefined);
  });

  it('is a mode behind an equals sign', () => {
    assert.equal(mode('--chmod-socket=660'), 0o660);
    assert.equal(mode('--chmod=0664'), 0o664);
    assert.throws(() => mode('--chmod-socket=rw'), /is not a mode/);
    assert.throws(() => mode('--chmod-socket', '660'), /only as --chmod-socket=660/);
  });
});

describe('a configuration without sockets', () => {
  const start = (env: Record<string, string>) =>
    resolveConfig({ argv: ['--wsgi-file', 'a.ts'], env, host: fakeHost(1) });

  it('is one where a service manager passes them', () => {
    const { config } = start({ LISTEN_PID: '4242', LISTEN_FDS: '1' });
    assert.deepEqual(listenAddresses(config), []);
  });

  it('is refused where they are meant for another process', () => {
    assert.throws(
      () => start({ LISTEN_PID: '1', LISTEN_FDS: '1' }),
      /no socket: name at least one/,
    );
  });
});
