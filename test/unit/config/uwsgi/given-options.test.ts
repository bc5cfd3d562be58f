import assert from 'node:assert/strict';
import type { Config } from '../../../../src/config/config.js';
import { type ResolvedConfig, resolveConfig } from '../../../../src/config/resolve.js';
import { coreSettings } from '../../../../src/config/slices.js';
import { fakeHost } from '../fake-host.js';

const COMPLETE = ['--http-socket', ':8080', '--wsgi-file', 'app.ts'];

function resolve(argv: readonly string[], ini?: readonly string[]): ResolvedConfig {
  const files = ini === undefined ? {} : { '/srv/a.ini': ['[uwsgi]', ...ini].join('\n') };
  const file = ini === undefined ? [] : ['a.ini'];
  return resolveConfig({
    argv: [...COMPLETE, ...file, ...argv],
    env: {},
    host: fakeHost(4, files),
  });
}

const config = (...argv: string[]): Config => resolve(argv).config;

describe('options that uWSGI’s users bring', () => {
  it('have uWSGI’s names, letters and aliases', () => {
    assert.deepEqual([config('-t', '30').harakiri, config('--harakiri=1.5').harakiri], [30, 1.5]);
    assert.equal(config('-R5000').maxRequests, 5000);
    assert.equal(config('-d', '/tmp/x.log').daemonize, '/tmp/x.log');
    assert.equal(config('-m').memoryReport, true);
    assert.deepEqual(config('--stats-server', ':1717').stats, [':1717']);
    const touched = config('--touch-chain-reload', 'a', '--touch-workers-reload', 'b');
    assert.deepEqual([touched.touchChainReload, touched.touchWorkersReload], [['a'], ['b']]);
    assert.equal(config('--python-auto-reload', '3').pyAutoreload, 3);
    assert.deepEqual(config('--logger-req', 'file:x').reqLogger, ['file:x']);
    assert.deepEqual(config('--py-import', 'x', '--shared-import', 'y').import, ['x', 'y']);
    assert.deepEqual(config('--static-map', '/s=/var/s').staticMap, [
      { name: '/s', value: '/var/s' },
    ]);
    assert.deepEqual(config('--static-check', '/a').checkStatic, ['/a']);
    assert.deepEqual(config('--worker-mount', '/a=x.ts').mount, [{ name: '/a', value: 'x.ts' }]);
  });

  it('take an optional value behind an equals sign only', () => {
    assert.equal(config('--log-date', '-M').logDate, 'true');
    assert.equal(config('--log-date=%Y').logDate, '%Y');
    assert.equal(resolve([], ['log-date = %%H']).config.logDate, '%H');
    assert.equal(resolve([], ['log-date']).config.logDate, 'true');
    assert.equal(config().logDate, undefined);
  });

  it('switch the master on where only a master can obey', () => {
    for (const given of [
      '-t5',
      '-R9',
      '--stats=:1',
      '--touch-reload=x',
      '--logger=stdio',
      '--reload-on-rss=9',
    ]) {
      const { config: resolved, notes } = resolve([given]);
      assert.equal(resolved.master, true, given);
      assert.match(notes.join('\n'), /master switched on: --[a-z-]+ needs it/);
    }
    assert.equal(config('--harakiri', '0').master, false);
    const off = resolve(['--no-master', '-t5']);
    assert.equal(off.config.master, false);
    assert.match(off.warnings.join('\n'), /--harakiri: the master, which --no-master switches off/);
  });

  it('know one hook of the master', () => {
    const hook = 'unix_signal:15 gracefully_kill_them_all';
    const { notes } = resolve(['--hook-master-start', hook]);
    assert.match(notes.join('\n'), /hook-master-start has no effect: SIGTERM and SIGINT always/);
    assert.throws(() => config('--hook-master-start', 'exec:rm -rf /'), /only unix_signal:15/);
  });

  it('refuse what cannot go together, and addresses for the file of a daemon', () => {
    assert.throws(() => config('--daemonize', 'a', '--daemonize2', 'b'), /exclude each other/);
    assert.throws(
      () => config('--daemonize', '127.0.0.1:1717'),
      /name a file, .* and add --logto 127\.0\.0\.1:1717/,
    );
  });

  it('send the log to an address of logto, by way of the master', () => {
    const given = config('--log-socket', 'a.sock', '--logto2', '[::1]:1717', '--logto', ':514');
    assert.deepEqual(given.logSocket, ['a.sock', ':514', '[::1]:1717']);
    assert.deepEqual([given.logto, given.logto2], [undefined, undefined]);
    assert.equal(config('--logto', ':514').master, true);
    assert.equal(config('--logto', './a:1').logto, './a:1');
  });

  it('need no other application beside a mounted one', () => {
    const argv = ['--http-socket', ':1', '--mount', '/=app:run'];
    assert.ok(resolveConfig({ argv, env: {}, host: fakeHost(1) }).config.mount);
  });
});

describe('request lines', () => {
  const rules = (...argv: string[]) => coreSettings(config(...argv));

  it('are off where nothing asks for them', () => {
    assert.equal(rules('-L').accessLogFd, -1);
    const valued = ['--log-slow=5', '--log-big=1k'];
    const flags = ['--log-4xx', '--log-5xx', '--log-zero', '--log-ioerror', '--log-sendfile'];
    for (const option of [...flags, ...valued]) {
      const settings = rules('-L', option);
      assert.equal(settings.accessLogFd, 2, option);
      assert.equal(settings.accessLogRules.selective, true, option);
    }
    assert.equal(rules('--log-4xx').accessLogRules.selective, false);
  });

  it('have a form of their own, which does not change the other lines', () => {
    const { accessLogRules, accessLogFormat } = rules('--log-format', '%(uri)');
    assert.deepEqual([accessLogRules.template, accessLogFormat], ['%(uri)', 'uwsgi']);
    assert.equal(rules('--log-format', 'json').accessLogRules.template, '');
    assert.equal(rules('--logformat-strftime', '--log-date=%T').accessLogRules.timeFormat, '%T');
    assert.equal(rules('--log-date=%T').accessLogRules.timeFormat, '');
    assert.throws(() => config('--log-format', 'jsn'), /accepted: uwsgi, json, FORMAT/);
  });
});
