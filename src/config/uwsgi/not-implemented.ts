/**
 * Options that make sense here and are still to come. This is the one place that says so: an option that does
 * something now is removed here and gets a row in src/config/options.
 */
import { type ForeignGroup, names } from './foreign-option.js';

const verdict = 'not implemented';

export const NOT_IMPLEMENTED: readonly ForeignGroup[] = [
  {
    verdict,
    text: 'use http-socket, and proxy_pass instead of uwsgi_pass',
    values: names(
      'socket uwsgi-socket protocol socket-protocol shared-socket undeferred-shared-socket',
      'map-socket',
    ),
    flags: names('abstract-socket'),
  },
  {
    verdict,
    text: 'there are no UNIX sockets yet',
    values: names('chown-socket'),
    optional: names('chmod-socket chmod'),
  },
  {
    verdict,
    text: 'use http-socket, which speaks HTTP to clients directly',
    values: names(
      'http httprouter http-processes http-workers http-to http-timeout http-var http-zerg',
      'http-fallback http-modifier1 http-modifier2 http-use-cache http-use-pattern',
      'http-use-base http-use-code-string http-use-socket http-events',
      'http-subscription-server http-gracetime http-subscription-fallback-key http-quiet',
      'http-stats http-stats-server http-ss http-harakiri http-stud-prefix http-uid',
      'http-gid http-resubscribe http-buffer-size http-headers-timeout',
      'http-server-name-as-http-host http-connect-timeout http-socket-modifier1',
      'http-socket-modifier2',
    ),
    optional: names('http-keepalive http-manage-expect'),
    flags: names('http-auto-gzip http-websockets http-cheap http-manage-source http-manage-rtsp'),
  },
  {
    verdict,
    text: 'REMOTE_ADDR is the address of the connection',
    flags: names('enable-proxy-protocol'),
    optional: names('log-x-forwarded-for http-enable-proxy-protocol'),
  },
  {
    verdict,
    text: '',
    values: names(
      'harakiri mule-harakiri spooler-harakiri cron-harakiri harakiri-graceful-timeout',
      'harakiri-graceful-signal harakiri-queue-threshold max-requests max-requests-delta',
      'min-worker-lifetime max-worker-lifetime max-worker-lifetime-delta reload-on-rss',
      'reload-on-as reload-on-uss reload-on-pss evil-reload-on-rss evil-reload-on-as',
      'reload-on-fd brutal-reload-on-fd cheaper cheaper-initial cheaper-algo cheaper-step',
      'cheaper-overload cheaper-rss-limit-soft cheaper-rss-limit-hard idle worker-mount',
      'mount reload-on-exception-type reload-on-exception-value reload-on-exception-repr',
      'exception-handler add-cache-item master-fifo notify-socket chunked-input-limit chunked-input-timeout add-header',
      'rem-header del-header collect-header response-header-collect pull-header',
      'error-page-403 error-page-404 error-page-500 offload-threads offload-thread',
      'websockets-ping-freq websocket-ping-freq websockets-max-size',
      'websockets-pong-tolerance websocket-pong-tolerance websocket-max-size',
      'upload-progress chdir2 cgi cgi-map-helper cgi-helper cgi-buffer-size cgi-timeout',
      'cgi-index cgi-allowed-ext cgi-unset cgi-loadlib cgi-safe',
      'socket-sndbuf socket-rcvbuf tcp-fast-open tcp-fastopen worker-exec worker-exec2',
      'import pyimport py-import python-import shared-import unenv envdir early-envdir',
      'shared-pyimport shared-py-import shared-python-import force-cwd',
      'spooler-import spooler-pyimport spooler-py-import spooler-python-import test',
    ),
    flags: names(
      'harakiri-verbose harakiri-no-arh no-harakiri-arh no-harakiri-after-req-hook',
      'reload-on-exception catch-exceptions manage-script-name ignore-script-name',
      'no-default-app vhost vhost-host cheap die-on-idle exit-on-reload memory-report',
      'cgi-mode cgi-from-docroot cgi-optimize cgi-optimized cgi-path-info',
      'cgi-do-not-kill-on-error cgi-async-max-attempts cgi-close-stdin-on-eof freebind',
      'so-keepalive so-send-timeout socket-send-timeout so-write-timeout socket-write-timeout shutdown-sockets no-server command-mode tcp-fast-open-client',
      'tcp-fastopen-client skip-atexit skip-atexit-teardown no-fd-passing',
    ),
  },
  {
    verdict,
    text: 'SIGUSR1 logs what each worker does',
    values: names(
      'stats stats-server stats-push stats-pusher-default-freq stats-pushers-default-freq',
      'metric metric-threshold',
    ),
    flags: names(
      'stats-http stats-minified stats-min stats-no-cores stats-no-metrics enable-metrics',
      'metrics-no-cores',
    ),
  },
  {
    verdict,
    text: 'restart the server for new code',
    values: names(
      'touch-reload touch-workers-reload touch-mules-reload touch-spoolers-reload',
      'touch-chain-reload fs-reload fs-brutal-reload fs-signal touch-exec touch-signal',
      'mule-reload-mercy py-autoreload py-auto-reload python-autoreload python-auto-reload',
    ),
    flags: names('propagate-touch'),
  },
  {
    verdict,
    text: 'everything is logged to standard error: redirect it, or let the service manager keep it',
    values: names(
      'logto logto2 logger req-logger logger-req log-syslog log-socket log-encoder',
      'log-req-encoder log-drain log-filter log-route log-req-route log-maxsize',
      'log-backupname touch-logrotate touch-logreopen logfile-chmod log-master-bufsize',
    ),
    flags: names(
      'log-master log-master-stream log-master-req-stream log-reopen log-truncate',
      'logfile-chown threaded-logger logger-list loggers-list',
    ),
  },
  {
    verdict,
    text: 'request lines have the usual form, all or none of them are written (disable-logging)',
    flags: names('log-4xx log-5xx log-micros logformat-strftime log-format-strftime'),
    values: names('log-slow log-big'),
    optional: names('log-date logdate log-prefix log-sendfile log-zero log-ioerror'),
  },
  {
    verdict,
    text: 'let the front server deliver static files',
    values: names(
      'static-check static-map static-map2 check-static static-index static-skip-ext static-safe',
      'mimefile mime-file static-cache-paths static-cache-paths-name static-expires',
      'static-expires-mtime static-expires-type static-expires-type-mtime',
      'static-expires-uri static-expires-uri-mtime static-expires-path-info',
      'static-expires-path-info-mtime static-gzip static-gzip-dir static-gzip-prefix',
      'static-gzip-ext static-gzip-suffix file-serve-mode fileserve-mode check-cache',
    ),
    flags: names('check-static-docroot static-gzip-all honour-range disable-sendfile'),
  },
  {
    verdict,
    text: 'the server stays in the foreground: run it under systemd or another service manager',
    values: names('daemonize daemonize2 pidfile2 safe-pidfile2'),
  },
  {
    verdict,
    text: 'the master drops its privileges as well',
    flags: names('master-as-root drop-after-init drop-after-apps no-initgroups'),
    values: names('add-gid immediate-uid immediate-gid'),
  },
  {
    verdict,
    text: 'set it in the service manager, or with ulimit, nice and taskset',
    values: names(
      'max-fd limit-as limit-nproc prio cpu-affinity cgroup cgroup-opt cgroup-dir-mode',
    ),
  },
  {
    verdict,
    text: 'run it before, after or beside the server under the service manager',
    values: names(
      'attach-daemon attach-daemon2 attach-control-daemon smart-attach-daemon',
      'smart-attach-daemon2 cron cron2 unique-cron after-request-hook after-request-call',
      'timer rbtimer signal-timer signal-rbtimer signal signal-bufsize signals-bufsize',
      'hook-asap hook-pre-jail hook-post-jail hook-in-jail hook-as-root hook-as-user',
      'hook-as-user-atexit hook-pre-app hook-post-app hook-post-fork hook-accepting',
      'hook-accepting1 hook-accepting-once hook-accepting1-once',
      'hook-touch hook-emperor-start hook-emperor-stop hook-emperor-reload',
      'hook-emperor-lost hook-as-vassal hook-as-emperor hook-as-mule hook-as-gateway',
      'exec-asap exec-pre-jail exec-post-jail exec-in-jail exec-as-root exec-as-user',
      'exec-as-user-atexit exec-pre-app exec-post-app exec-as-vassal exec-as-emperor',
      'wait-for-interface wait-for-interface-timeout wait-interface wait-interface-timeout',
      'wait-for-iface wait-for-iface-timeout wait-iface wait-iface-timeout wait-for-fs',
      'wait-for-file wait-for-dir wait-for-mountpoint wait-for-fs-timeout wait-for-socket',
      'wait-for-socket-timeout call-asap call-pre-jail call-post-jail call-in-jail',
      'call-as-root call-as-user call-as-user-atexit call-pre-app call-post-app',
      'call-as-vassal call-as-vassal1 call-as-vassal3 call-as-emperor call-as-emperor1',
      'call-as-emperor2 call-as-emperor4',
    ),
  },
  {
    verdict,
    text: 'SIGTERM and SIGINT already stop gracefully',
    values: names('hook-master-start'),
  },
  {
    verdict,
    text: 'use a process or a service of its own',
    values: names(
      'mules farm mule-msg-size spooler spooler-external spooler-chdir spooler-processes',
      'spooler-max-tasks spooler-frequency spooler-freq rpc-max queue queue-blocksize',
      'queue-store queue-store-sync sharedarea snmp snmp-community udp multicast',
      'multicast-ttl multicast-loop cache cache-blocksize cache-store cache-store-sync',
      'cache-expire-freq cache-udp-server cache-udp-node cache-sync load-file-in-cache',
      'load-file-in-cache-gzip cache2 metric-alarm alarm-metric',
      'metrics-dir metric-dir alarm alarm-cheap alarm-freq alarm-fd alarm-segfault',
      'alarm-backlog alarm-lq alarm-listen-queue alarm-log alarm-msg-size',
    ),
    optional: names('mule'),
    flags: names(
      'spooler-ordered spooler-quiet cache-no-expire cache-report-freed-items',
      'cache-use-last-modified metrics-dir-restore metric-dir-restore',
    ),
  },
  {
    verdict,
    text: 'let the monitoring of the system raise alarms',
    values: names(
      'log-alarm not-log-alarm not-alarm-log segfault-alarm backlog-alarm lq-alarm',
      'listen-queue-alarm',
    ),
  },
  {
    verdict,
    text: 'name the server in the configuration of the front server',
    values: names(
      'subscribe-to st subscribe subscribe2 subscribe-freq subscription-tolerance',
      'subscribe-with-modifier1 subscription-notify-socket subscriptions-sign-check',
      'subscriptions-sign-check-tolerance subscriptions-sign-skip-uid',
      'subscriptions-credentials-check subscription-algo',
    ),
    flags: names(
      'unsubscribe-on-graceful-reload start-unsubscribed subscriptions-use-credentials',
      'subscription-dotsplit',
    ),
  },
];
