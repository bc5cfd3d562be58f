/**
 * Options that make sense here and are still to come. This is the one place that says so: an option that does
 * something now is removed here and gets a row in src/config/options.
 */
import { type ForeignGroup, names } from './foreign-option.js';

const verdict = 'not implemented';

export const NOT_IMPLEMENTED: readonly ForeignGroup[] = [
  {
    verdict,
    text: 'write the address itself where it is used',
    values: names('shared-socket undeferred-shared-socket'),
  },
  {
    verdict,
    text: 'every worker accepts from every address',
    values: names('map-socket'),
  },
  {
    verdict,
    text: 'the router finds its backends by http-to, or takes the workers of this server',
    values: names(
      'http-zerg http-use-cache http-use-pattern http-use-base http-use-code-string',
      'http-use-socket http-subscription-server http-subscription-fallback-key http-resubscribe',
    ),
  },
  {
    verdict,
    text: 'the router refuses WebSocket handshakes with 501: let the front server pass them on',
    flags: names('http-websockets'),
  },
  {
    verdict,
    text: '',
    values: names(
      'http-stats http-stats-server http-ss http-harakiri http-stud-prefix http-uid http-gid',
      'http-socket-modifier1 http-socket-modifier2',
    ),
    flags: names('http-auto-gzip http-cheap http-manage-source http-manage-rtsp'),
  },
  {
    verdict,
    text: 'REMOTE_ADDR is the address of the connection',
    flags: names('enable-proxy-protocol'),
    optional: names('http-enable-proxy-protocol'),
  },
  {
    verdict,
    text: '',
    values: names(
      'mule-harakiri spooler-harakiri cron-harakiri harakiri-graceful-timeout',
      'harakiri-graceful-signal harakiri-queue-threshold',
      'reload-on-uss reload-on-pss',
      'reload-on-fd brutal-reload-on-fd',
      'reload-on-exception-type reload-on-exception-value reload-on-exception-repr',
      'exception-handler notify-socket',
      'rem-header del-header collect-header response-header-collect pull-header',
      'error-page-403 error-page-404 error-page-500',
      'websockets-ping-freq websocket-ping-freq websockets-max-size',
      'websockets-pong-tolerance websocket-pong-tolerance websocket-max-size',
      'upload-progress cgi cgi-map-helper cgi-helper cgi-buffer-size cgi-timeout',
      'cgi-index cgi-allowed-ext cgi-unset cgi-loadlib cgi-safe',
      'socket-sndbuf socket-rcvbuf tcp-fast-open tcp-fastopen worker-exec worker-exec2',
      'envdir early-envdir',
      'force-cwd',
      'spooler-import spooler-pyimport spooler-py-import spooler-python-import test',
    ),
    flags: names(
      'reload-on-exception catch-exceptions ignore-script-name',
      'no-default-app vhost vhost-host',
      'cgi-mode cgi-from-docroot cgi-optimize cgi-optimized cgi-path-info',
      'cgi-do-not-kill-on-error cgi-async-max-attempts cgi-close-stdin-on-eof freebind',
      'so-keepalive shutdown-sockets no-server command-mode tcp-fast-open-client',
      'tcp-fastopen-client skip-atexit skip-atexit-teardown no-fd-passing',
    ),
  },
  {
    verdict,
    text: 'use send-timeout',
    optional: names('so-send-timeout socket-send-timeout so-write-timeout socket-write-timeout'),
  },
  {
    verdict,
    text: 'the statistics (stats) hold what there is',
    values: names(
      'stats-push stats-pusher-default-freq stats-pushers-default-freq',
      'metric metric-threshold',
    ),
    flags: names('enable-metrics'),
  },
  {
    verdict,
    text: 'touch-reload, fs-reload and py-autoreload reload workers',
    values: names('touch-mules-reload touch-spoolers-reload', 'fs-signal touch-exec touch-signal'),
    flags: names('propagate-touch'),
  },
  {
    verdict,
    text: 'logger sends lines to files, sockets and syslog',
    flags: names('logger-list loggers-list'),
  },
  {
    verdict,
    text: 'static-map and its relatives deliver files',
    values: names('file-serve-mode fileserve-mode check-cache'),
    flags: names('check-static-docroot'),
  },
  {
    verdict,
    text: 'the master drops its privileges as well',
    flags: names('master-as-root drop-after-init drop-after-apps no-initgroups'),
    values: names('immediate-uid immediate-gid'),
  },
  {
    verdict,
    text: 'set it in the service manager, or with ulimit, nice and taskset',
    flags: names('never-swap'),
    values: names(
      'max-fd limit-as limit-nproc prio cpu-affinity cgroup cgroup-opt cgroup-dir-mode',
    ),
  },
  {
    verdict,
    text: 'run it before, after or beside the server under the service manager',
    values: names(
      'attach-daemon2 attach-control-daemon smart-attach-daemon',
      'smart-attach-daemon2 after-request-hook after-request-call',
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
    text: 'use a process or a service of its own',
    values: names(
      'mules mule-reload-mercy farm mule-msg-size spooler spooler-external spooler-chdir spooler-processes',
      'spooler-max-tasks spooler-frequency spooler-freq rpc-max queue queue-blocksize',
      'queue-store queue-store-sync sharedarea snmp snmp-community udp multicast',
      'multicast-ttl multicast-loop metric-alarm alarm-metric',
      'metrics-dir metric-dir alarm alarm-cheap alarm-freq alarm-fd alarm-segfault',
      'alarm-backlog alarm-lq alarm-listen-queue alarm-log alarm-msg-size',
    ),
    optional: names('mule'),
    flags: names('spooler-ordered spooler-quiet metrics-dir-restore metric-dir-restore'),
  },
  {
    verdict,
    text: 'the cache (cache2) lies in the memory of one server, and the application fills it',
    values: names(
      'cache-store cache-store-sync cache-udp-server cache-udp-node cache-sync',
      'load-file-in-cache load-file-in-cache-gzip add-cache-item',
    ),
    flags: names('cache-no-expire cache-use-last-modified'),
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
