import assert from 'node:assert/strict';
import type { Config } from '../../../src/config/config.js';
import type { Environment } from '../../../src/config/option-row.js';
import { type ResolvedConfig, resolveConfig } from '../../../src/config/resolve.js';
import { describeOrigin } from '../../../src/config/setting.js';
import { ConfigError } from '../../../src/errors.js';
import { fakeHost } from './fake-host.js';

const COMPLETE = ['--http-socket', ':8080', '--wsgi-file', 'app.ts'];

function resolve(argv: readonly string[], env: Environment = {}): ResolvedConfig {
  return resolveConfig({ argv: [...COMPLETE, ...argv], env, host: fakeHost(4) });
}

function config(argv: readonly string[], env: Environment = {}): Config {
  return resolve(argv, env).config;
}

function problems(argv: readonly string[], env: Environment = {}): readonly string[] {
  try {
    resolveConfig({ argv, env, host: fakeHost(4) });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

describe('resolved configuration', () => {
  it('has the documented defaults', () => {
    const { httpSocket, wsgiFile, ...defaults } = config([]);
    assert.equal(httpSocket.length, 1);
    assert.equal(wsgiFile, 'app.ts');
    assert.deepEqual(defaults, {
      listen: 1024,
      cheaper: 0,
      cheaperInitial: 0,
      cheaperStep: 1,
      cheaperAlgo: 'spare',
      cheaperOverload: 3,
      cheaperIdle: 10,
      cheaperRssLimitSoft: 0,
      cheaperRssLimitHard: 0,
      cheaperBusynessMax: 50,
      cheaperBusynessMin: 25,
      cheaperBusynessMultiplier: 10,
      cheaperBusynessPenalty: 2,
      cheaperBusynessVerbose: false,
      cheaperBusynessBacklogAlert: 33,
      cheaperBusynessBacklogStep: 1,
      cheaperBusynessBacklogMultiplier: 3,
      cheaperBusynessBacklogNonzero: 60,
      cheap: false,
      idle: 0,
      dieOnIdle: false,
      bootConcurrency: 4,
      http: [],
      httpProcesses: 1,
      httpTo: [],
      httpFallback: [],
      httpTimeout: 60,
      httpConnectTimeout: 5,
      httpHeadersTimeout: undefined,
      httpKeepalive: 1,
      httpGracetime: 5,
      httpBufferSize: 1024 * 1024,
      httpBufferMemory: 128 * 1024 * 1024,
      httpTrusted: [],
      httpVar: [],
      httpModifier1: 0,
      httpModifier2: 0,
      httpServerNameAsHttpHost: false,
      socket: [],
      uwsgiSocket: [],
      protocol: 'uwsgi',
      abstractSocket: false,
      chmodSocket: undefined,
      chownSocket: undefined,
      master: false,
      processes: 1,
      threads: 1,
      module: undefined,
      callable: undefined,
      chdir: undefined,
      pythonpath: [],
      env: [],
      needApp: true,
      bufferSize: 32_768,
      limitTarget: 8192,
      limitHeaders: 128,
      limitPost: 0,
      postBuffering: 65_536,
      postBufferingBufsize: 8192,
      bodyMemory: 64 * 1024 * 1024,
      spoolDir: '/tmp',
      maxConnections: 10_000,
      maxPending: 1024,
      retryAfter: 1,
      headerTimeout: 10,
      bodyTimeout: 30,
      sendTimeout: 30,
      socketTimeout: undefined,
      keepaliveTimeout: 75,
      minRate: 240,
      bootTimeout: 60,
      workerReloadMercy: 60,
      respawnDelay: 0.5,
      respawnMaxDelay: 30,
      respawnGiveUp: 10,
      dieOnTerm: true,
      vacuum: true,
      uid: undefined,
      gid: undefined,
      umask: undefined,
      pidfile: undefined,
      safePidfile: undefined,
      autoProcname: false,
      procname: undefined,
      procnameMaster: undefined,
      procnamePrefix: undefined,
      procnamePrefixSpaced: undefined,
      procnameAppend: undefined,
      ini: [],
      yaml: [],
      json: [],
      include: [],
      set: [],
      setPlaceholder: [],
      disableLogging: false,
      logFormat: 'uwsgi',
      logformatStrftime: false,
      logDate: undefined,
      logMicros: false,
      logXForwardedFor: false,
      log4xx: false,
      log5xx: false,
      logSlow: 0,
      logBig: 0,
      logZero: false,
      logIoerror: false,
      logSendfile: false,
      logto: undefined,
      logto2: undefined,
      logger: [],
      reqLogger: [],
      logRoute: [],
      logReqRoute: [],
      logSocket: [],
      logSyslog: undefined,
      logDrain: [],
      logFilter: [],
      logEncoder: [],
      logReqEncoder: [],
      logTruncate: false,
      logfileChmod: undefined,
      logfileChown: false,
      logMaxsize: 0,
      logBackupname: undefined,
      logReopen: false,
      touchLogreopen: [],
      touchLogrotate: [],
      stats: [],
      statsHttp: false,
      statsMinified: false,
      statsNoCores: false,
      memoryReport: false,
      harakiri: 0,
      harakiriVerbose: false,
      harakiriStack: 0.5,
      maxRequests: 0,
      maxRequestsDelta: 0,
      minWorkerLifetime: 10,
      maxWorkerLifetime: 0,
      maxWorkerLifetimeDelta: 0,
      reloadOnRss: 0,
      reloadOnAs: 0,
      evilReloadOnRss: 0,
      evilReloadOnAs: 0,
      recycleConcurrency: 1,
      streamReloadMercy: 10,
      touchReload: [],
      exitOnReload: false,
      fsBrutalReload: [],
      fsReload: [],
      masterFifo: [],
      stopDelay: 0,
      touchChainReload: [],
      touchWorkersReload: [],
      pyAutoreload: 0,
      staticMap: [],
      staticMap2: [],
      checkStatic: [],
      staticIndex: [],
      staticSafe: [],
      staticSkipExt: [],
      mimefile: [],
      staticExpires: [],
      staticExpiresMtime: [],
      staticExpiresType: [],
      staticExpiresTypeMtime: [],
      staticExpiresUri: [],
      staticExpiresUriMtime: [],
      staticExpiresPathInfo: [],
      staticExpiresPathInfoMtime: [],
      staticGzip: [],
      staticGzipAll: false,
      staticGzipDir: [],
      staticGzipExt: [],
      honourRange: true,
      hookMasterStart: [],
      attachDaemon: [],
      cache: 0,
      cache2: [],
      cacheBlocksize: 65536,
      cron: [],
      cron2: [],
      locks: 0,
      uniqueCron: [],
      addHeader: [],
      chdir2: undefined,
      mount: [],
      manageScriptName: false,
      import: [],
      unenv: [],
      addGid: [],
      pidfile2: undefined,
      safePidfile2: undefined,
      daemonize: undefined,
      daemonize2: undefined,
      strict: true,
      showConfig: false,
      help: false,
      version: false,
    });
  });

  it('takes the command line, then TSUWSGI_*, then UWSGI_*, then the default', () => {
    const env = { TSUWSGI_THREADS: '3', UWSGI_THREADS: '2', UWSGI_LISTEN: '7' };
    assert.equal(config(['--threads', '4'], env).threads, 4);
    assert.equal(config([], env).threads, 3);
    assert.equal(config([], { UWSGI_THREADS: '2' }).threads, 2);
    assert.equal(config([], env).listen, 7);
    assert.equal(config([]).threads, 1);
  });

  it('takes the last value of the command line', () => {
    assert.equal(config(['--threads', '4', '--threads', '2']).threads, 2);
    assert.equal(config(['--master', '--no-master']).master, false);
    assert.equal(config(['--no-master', '--master']).master, true);
  });

  it('collects lists, the strongest source last', () => {
    const env = { TSUWSGI_PP: '/b', UWSGI_PYTHONPATH: '/a' };
    assert.deepEqual(config(['--pp', '/c', '--pythonpath', '/d'], env).pythonpath, [
      '/a',
      '/b',
      '/c',
      '/d',
    ]);
  });

  it('inverts negated flags, also in the environment', () => {
    assert.equal(config(['--no-need-app']).needApp, false);
    assert.equal(config([], { TSUWSGI_NO_NEED_APP: '1' }).needApp, false);
    assert.equal(config([], { TSUWSGI_NO_NEED_APP: '0' }).needApp, true);
    assert.equal(config(['--need-app=off']).needApp, false);
  });

  it('knows where every value came from', () => {
    const { origins } = resolve(['-p', '2', '--pp', 'x'], {
      TSUWSGI_PP: 'a',
      TSUWSGI_THREADS: '2',
    });
    const places = (name: Parameters<typeof origins.get>[0]) =>
      (origins.get(name) ?? []).map(describeOrigin);
    assert.deepEqual(places('processes'), ['command line, argument 5']);
    assert.deepEqual(places('threads'), ['environment, TSUWSGI_THREADS']);
    assert.deepEqual(places('pythonpath'), ['environment, TSUWSGI_PP', 'command line, argument 7']);
    assert.deepEqual(places('listen'), ['default']);
    assert.deepEqual(places('master'), ['set by --processes 2']);
  });

  it('is frozen to the last address and survives JSON', () => {
    const resolved = config(['--env', 'A=b']);
    assert.ok(Object.isFrozen(resolved));
    assert.ok(Object.isFrozen(resolved.httpSocket) && Object.isFrozen(resolved.httpSocket[0]));
    assert.ok(Object.isFrozen(resolved.env[0]));
    const copy = JSON.parse(JSON.stringify(resolved)) as Config;
    for (const [name, value] of Object.entries(resolved)) {
      assert.deepEqual(copy[name as keyof Config], value, name);
    }
  });

  it('reports every problem of every source at once', () => {
    const found = problems(['--threads', 'x', '--nope-nope-nope'], { TSUWSGI_LISTEN: '0' });
    assert.equal(found.length, 3, found.join('\n'));
    assert.ok(found.includes('--threads: "x" is not a whole number; accepted: 1 to 64'));
    assert.ok(found.includes('TSUWSGI_LISTEN: "0" is too small; accepted: 1 to 65535'));
  });

  it('reports a bad value also where a stronger source overrides it', () => {
    const found = problems([...COMPLETE, '--threads', '2'], { TSUWSGI_THREADS: 'x' });
    assert.deepEqual(found, ['TSUWSGI_THREADS: "x" is not a whole number; accepted: 1 to 64']);
  });

  it('treats unknown variables as errors, or as warnings without strict', () => {
    const env = { TSUWSGI_PROCESS: '2' };
    const line = 'TSUWSGI_PROCESS: no such option; did you mean TSUWSGI_PROCESSES?';
    assert.deepEqual(problems(COMPLETE, env), [line]);
    assert.deepEqual(resolve(['--no-strict'], env).warnings, [`${line} (ignored)`]);
    assert.deepEqual(resolve([], { ...env, TSUWSGI_STRICT: 'off' }).warnings, [
      `${line} (ignored)`,
    ]);
  });

  it('only warns about unknown variables of uWSGI', () => {
    assert.equal(resolve([], { UWSGI_QQQQQQQQ: '1' }).warnings.length, 1);
  });
});

describe('values that follow from others', () => {
  it('gives up adaptive workers where auto means no more than the least of them', () => {
    const few = resolve(['--processes', 'auto', '--cheaper', '4']);
    assert.equal(few.config.cheaper, 0);
    assert.match(few.notes.join('\n'), /cheaper = 4 is not below that/);
    assert.equal(resolve(['--processes', 'auto', '--cheaper', '3']).config.cheaper, 3);
  });

  it('replaces auto by the number of CPUs and says how it came about', () => {
    const resolved = resolve(['--processes', 'auto']);
    assert.equal(resolved.config.processes, 4);
    assert.deepEqual(resolved.notes.slice(0, 1), [
      'processes = auto: 4 (4 CPUs available, no cgroup quota)',
    ]);
  });

  it('switches the master on for more than one process and says so', () => {
    const resolved = resolve(['-p', '2']);
    assert.equal(resolved.config.master, true);
    assert.deepEqual(resolved.notes, ['master switched on: --processes 2 needs it']);
    assert.equal(resolve([]).config.master, false);
    assert.deepEqual(resolve(['-M', '-p', '2']).notes, []);
  });

  it('says which option needs the master, not the one that it stands for', () => {
    const given = ['--logto', '127.0.0.1:1717'];
    assert.deepEqual(resolve(given).notes, ['master switched on: --logto 127.0.0.1:1717 needs it']);
    assert.match(
      resolve([...given, '--no-master']).warnings.join('\n'),
      /^--logto 127\.0\.0\.1:1717: the master, which --no-master switches off/,
    );
  });

  it('spreads socket-timeout over the timeouts that are not given', () => {
    const resolved = config(['-z', '4', '--body-timeout', '9']);
    assert.equal(resolved.headerTimeout, 4);
    assert.equal(resolved.bodyTimeout, 9);
    assert.equal(resolved.sendTimeout, 4);
  });

  it('binds an address once, but every port 0', () => {
    const resolved = resolve([
      '--http-socket',
      '0.0.0.0:8080',
      '--http-socket',
      ':0',
      '--http-socket',
      ':0',
    ]);
    assert.deepEqual(
      resolved.config.httpSocket.map(({ text }) => text),
      [':8080', ':0', ':0'],
    );
    assert.equal(resolved.origins.get('http-socket')?.length, 3);
    assert.match(resolved.notes.join(), /0\.0\.0\.0:8080 was given more than once/);
  });

  it('says what has no effect, only where it was given', () => {
    const { notes } = resolve(['--no-die-on-term']);
    assert.deepEqual(notes, ['die-on-term has no effect: SIGTERM always stops the server']);
    assert.deepEqual(resolve(['--die-on-term']).notes, []);
  });

  it('takes the directory for bodies from TMPDIR', () => {
    assert.equal(config([], { TMPDIR: '/var/tmp' }).spoolDir, '/var/tmp');
    assert.equal(config(['--spool-dir', '/x'], { TMPDIR: '/var/tmp' }).spoolDir, '/x');
  });
});
