/** Options without which the server would do something else than it was told: unsafe, or not at all. */
import { type ForeignGroup, names } from './foreign-option.js';

const verdict = 'refused';

export const REFUSED: readonly ForeignGroup[] = [
  {
    verdict,
    text: 'let a script or the service manager do it before the server starts',
    values: names(
      'flock flock-wait flock2 flock-wait2 check-mountpoint mountpoint-check check-mount mount-check',
      'file-write privileged-binary-patch unprivileged-binary-patch privileged-binary-patch-arg',
      'unprivileged-binary-patch-arg',
    ),
  },
  {
    verdict,
    text: 'requests of other modifiers are always refused',
    values: names('allowed-modifiers remap-modifier'),
  },
  {
    verdict,
    text: 'let the front server (nginx, for example) terminate TLS',
    values: names(
      'https https2 https-socket suwsgi-socket ssl-socket https-session-context',
      'http-to-https',
    ),
    flags: names('https-export-cert'),
    families: names('ssl- sni https-socket-modifier'),
  },
  {
    verdict,
    text: 'use http-socket',
    values: names('raw-socket puwsgi-socket zerg zerg-server'),
    flags: names('zerg-fallback'),
    families: names(
      'fastcgi- scgi- raw-modifier fastrouter rawrouter sslrouter forkptyrouter tuntap',
    ),
  },
  {
    verdict,
    text: 'write the rule into the front server or the application (leaving it out could open what it closes)',
    families: names('route error-route response-route final-route'),
  },
  {
    verdict,
    text: 'let the service manager run several servers',
    families: names(
      'emperor early-emperor vassal imperial- legion unique-legion cron-legion',
      'unique-cron-legion heartbeat',
    ),
  },
  {
    verdict,
    text: 'confine the server from outside: a container, or the sandbox options of a systemd unit',
    values: names('chroot pivot-root pivot_root cap unshare unshare2 setns namespace ns'),
    flags: names(
      'jailed refork re-fork refork-as-root re-fork-as-root refork-post-jail',
      're-fork-post-jail',
    ),
    families: names('setns- namespace- ns- umount- mount-as mount-pre mount-post mount-in'),
  },
  {
    verdict,
    text: 'name an application for Node.js with wsgi-file or module',
    values: names(
      'pecan paste ini-paste web3 pump wsgi-lite eval pyshell pyshell-oneshot python py',
      'pyrun python-raw pypy-wsgi pypy-wsgi-file psgi rack rails rb lua wsapi',
    ),
    families: names('php- perl- ruby- rb- mono- jvm lua- erlang- psgi- rack- go- v8-'),
  },
  {
    verdict,
    text: 'write an ini, YAML or JSON file',
    values: names(
      'xml xmlconfig ldap fallback-config inject-before inject-after declare-option',
      'declare-option2 resolve',
    ),
  },
  {
    verdict,
    text: 'it restricted what may be configured, and nothing does that here',
    values: names('blacklist whitelist'),
    flags: names('end-blacklist end-whitelist'),
  },
  {
    verdict,
    text: 'send the signal to the pid in the pidfile: SIGTERM stops',
    values: names('stop reload pause suspend resume'),
  },
  {
    verdict,
    text: '--help, --show-config and the command check answer such questions',
    flags: names(
      'dump-options cflags dot-h config-py cheaper-algo-list cheaper-algos-list',
      'cheaper-list clock-list clocks-list loop-list loops-list router-list routers-list',
      'alarm-list alarms-list imperial-monitor-list',
    ),
    values: names(
      'get print iprint connect-and-read extract build-plugin binsh print-sym print-symbol',
      'profiler',
    ),
    optional: names('exit'),
  },
];
