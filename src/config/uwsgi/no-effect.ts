/** Options that need no counterpart: they set up another language, or what they ask for is so anyway. */
import { type ForeignGroup, names } from './foreign-option.js';

const verdict = 'no effect';

export const NO_EFFECT: readonly ForeignGroup[] = [
  {
    verdict,
    text: 'it sets up the Python interpreter; packages come from node_modules',
    flags: names(
      'no-site python-version reload-os-env py-call-osafterfork py-call-uwsgi-fork-hooks',
      'paste-logger',
    ),
    values: names(
      'home virtualenv venv pyhome py-programname py-program-name pyargv optimize',
      'pymodule-alias post-pymodule-alias py-sharedarea py-tracebacker',
      'python-worker-override py-executable py-sys-executable ini-paste-logged pypy-home',
      'py-auto-reload-ignore',
    ),
  },
  {
    verdict,
    text: 'there is no interpreter lock: the application runs on one JavaScript thread, --threads sets the threads that do the I/O',
    flags: names('enable-threads no-threads-wait single-interpreter'),
    values: names('thread-stacksize threads-stacksize thread-stack-size threads-stack-size'),
  },
  {
    verdict,
    text: 'JavaScript waits without blocking; one worker runs as many requests at a time as come',
    flags: names(
      'gevent-monkey-patch gevent-early-monkey-patch gevent-wait-for-hub greenlet ugreen',
    ),
    values: names('gevent async asyncio tornado loop ugreen-stacksize fiber coroae stackless'),
  },
  {
    verdict,
    text: 'no plugin is loaded: what this server can do is built in',
    flags: names('autoload plugins-list plugin-list'),
    values: names('plugins plugin need-plugins need-plugin plugins-dir plugin-dir dlopen'),
  },
  {
    verdict,
    text: 'every worker loads the application by itself anyway',
    flags: names('lazy-apps lazy'),
  },
  {
    verdict,
    text: 'workers do not share a queue that they would have to take turns at',
    flags: names('thunder-lock reuse-port'),
  },
  {
    verdict,
    text: 'locks lie in shared memory, in one way on every system',
    flags: names('persistent-ipcsem'),
    values: names('lock-engine ftok'),
  },
  {
    verdict,
    text: 'a client that leaves is no error: the request is told by its signal and nothing is thrown',
    flags: names(
      'ignore-sigpipe ignore-write-errors write-errors-exception-only',
      'disable-write-exception',
    ),
    values: names('write-errors-tolerance'),
  },
  {
    verdict,
    text: 'PEP 3333 is followed as it stands',
    flags: names(
      'wsgi-strict wsgi-accept-buffer wsgi-accept-buffers wsgi-disable-file-wrapper',
      'start_response-nodelay',
    ),
    values: names('wsgi-env-behaviour wsgi-env-behavior'),
  },
  {
    verdict,
    text: 'workers always end when their master is gone',
    flags: names('no-orphans'),
  },
  {
    verdict,
    text: 'it is always so',
    flags: names('close-on-exec close-on-exec2 tcp-nodelay skip-zero'),
  },
  {
    verdict,
    text: 'children of the application are its own affair; as process 1 the master reaps orphans',
    flags: names('reaper'),
  },
  {
    verdict,
    text: 'standard input is not used',
    flags: names('honour-stdin daemons-honour-stdin'),
  },
  {
    verdict,
    text: 'the server finds its own program',
    values: names('binary-path'),
  },
  {
    verdict,
    text: 'HTTP responses to one client are kept apart by Content-Length or chunked coding on every socket',
    flags: names('http-auto-chunked http-chunked-input http-raw-body'),
  },
  {
    verdict,
    text: 'the router takes as many events at a time as there are',
    values: names('http-events'),
  },
  {
    verdict,
    text: 'the router logs failures only, one record each; the workers log the requests',
    values: names('http-quiet'),
  },
  {
    verdict,
    text: 'Expect: 100-continue is always answered; limit-post refuses what is too large',
    optional: names('http-manage-expect'),
  },
  {
    verdict,
    text: 'connections are always accepted as they come',
    flags: names('no-defer-accept'),
  },
  {
    verdict,
    text: 'respawn-delay, respawn-max-delay and respawn-give-up decide',
    values: names('forkbomb-delay'),
  },
  {
    verdict,
    text: 'the master acts on events, and looks at memory and at watched files often enough',
    values: names('check-interval mem-collector-freq'),
  },
  {
    verdict,
    text: 'limit-headers and buffer-size decide',
    values: names('max-vars'),
  },
  {
    verdict,
    text: 'it is not limited here',
    values: names('max-apps response-headers-limit body-read-warning'),
  },
  {
    verdict,
    text: 'chunked bodies are decoded as they come: limit-post and body-timeout decide',
    values: names('chunked-input-limit chunked-input-timeout'),
  },
  {
    verdict,
    text: 'what has expired is gone from the cache at once, without a sweeper',
    flags: names('cache-report-freed-items'),
    values: names('cache-expire-freq'),
  },
  {
    verdict,
    text: 'the server has nothing like it to set',
    flags: names('force-gateway rsyslog-split-messages'),
    values: names(
      'safe-fd fd-safe weight auto-weight mode binary-append-data rsyslog-packet-size ksm',
    ),
  },
  {
    verdict,
    text: 'JavaScript has its own regular expressions, timers and stacks',
    flags: names('pcre-jit use-abort'),
    values: names('clock backtrace-depth'),
  },
  {
    verdict,
    text: 'loggers get every line through the master anyway, and without them lines go straight to their file',
    flags: names('log-master log-master-stream log-master-req-stream threaded-logger'),
    values: names('log-master-bufsize'),
  },
  {
    verdict,
    text: 'the kernel sends files and the core sends responses, neither occupies the application',
    flags: names('disable-sendfile'),
    values: names('offload-threads offload-thread'),
  },
  {
    verdict,
    text: 'a static file is looked up at each request, from what the kernel remembers of its directories',
    values: names('static-cache-paths static-cache-paths-name'),
  },
  {
    verdict,
    text: 'the statistics have no such part',
    flags: names('stats-no-metrics metrics-no-cores'),
  },
  {
    verdict,
    text: 'a deadline ends with the answer of the request',
    flags: names('harakiri-no-arh no-harakiri-arh no-harakiri-after-req-hook'),
  },
];
