/** `--uid` and `--gid`: for good, when the sockets are bound. Workers are started later and inherit them. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.js';
import { ConfigError, OptionError } from '../errors.js';
import type { Logger } from '../log/logger.js';

type Identity = Pick<Config, 'uid' | 'gid'> & Partial<Pick<Config, 'addGid'>>;

/** The calls of `process`, which exist on every system that this server runs on. */
export interface Credentials {
  getuid(): number;
  getgid(): number;
  setuid(user: string | number): void;
  setgid(group: string | number): void;
  setgroups(groups: readonly (string | number)[]): void;
  initgroups(user: string | number, extraGroup: string | number): void;
  /** The other groups of the process. */
  getgroups(): readonly number[];
  /** Group of a user in the password file; undefined where it does not have the user. */
  primaryGroup(user: string): number | undefined;
}

/** Throws a ConfigError where the system refuses: a server that was to give up root must not run as root. */
export function dropPrivileges(config: Identity, logger: Logger, system = ownCredentials()): void {
  const { uid, gid, addGid = [] } = config;
  if (uid === undefined && gid === undefined && addGid.length === 0) return;
  try {
    if (gid !== undefined || uid !== undefined) dropGroups(config, logger, system);
    if (addGid.length > 0) system.setgroups([...system.getgroups(), ...addGid.map(numeric)]);
    if (uid !== undefined) system.setuid(numeric(uid));
  } catch (error) {
    throw (
      unknownAccount(config, error) ??
      new ConfigError([`${given(config)}: ${explain(error, system)}`])
    );
  }
  if (uid !== undefined) logger.fact(`setuid() to ${system.getuid()}`);
}

/** As uWSGI does: a server has no need of root's rights once its sockets are bound. */
export function warnOfRoot(logger: Logger, uid = process.getuid?.()): void {
  if (uid !== 0) return;
  logger.warn('*** WARNING: you are running tsuwsgi-native as root !!! (use the --uid flag) ***');
}

/** Before the user: without root nothing of this works any more. */
function dropGroups({ uid, gid }: Identity, logger: Logger, system: Credentials): void {
  if (system.getuid() !== 0) {
    if (gid !== undefined) system.setgid(numeric(gid));
    return;
  }
  const group = gid ?? groupOf(uid, logger, system);
  system.setgid(numeric(group));
  if (uid === undefined || /^\d+$/.test(uid)) system.setgroups([system.getgid()]);
  else system.initgroups(uid, system.getgid());
  logger.fact(`setgid() to ${system.getgid()}`);
}

/** uWSGI leaves the group of root where only the user is given. */
function groupOf(uid: string | undefined, logger: Logger, system: Credentials): string {
  const group = uid === undefined ? undefined : system.primaryGroup(uid);
  if (group !== undefined) return String(group);
  logger.warn(
    `the group of ${uid ?? 'the user'} is not known: the server keeps its own; use --gid`,
  );
  return String(system.getgid());
}

function numeric(name: string): string | number {
  return /^\d+$/.test(name) ? Number(name) : name;
}

function given({ uid, gid, addGid = [] }: Identity): string {
  return [
    uid === undefined ? [] : `--uid ${uid}`,
    gid === undefined ? [] : `--gid ${gid}`,
    addGid.map((group) => `--add-gid ${group}`),
  ]
    .flat()
    .join(' ');
}

/** Node says that the "User identifier does not exist: NAME". */
function unknownAccount({ gid }: Identity, error: unknown): OptionError | undefined {
  const message = error instanceof Error ? error.message : '';
  const [, kind, name = ''] = /^(User|Group) identifier does not exist: (.*)$/.exec(message) ?? [];
  if (kind === undefined) return undefined;
  const option = kind === 'User' ? 'uid' : name === gid ? 'gid' : 'add-gid';
  return new OptionError(
    option,
    name,
    `this system has no ${kind.toLowerCase()} ${JSON.stringify(name)}`,
  );
}

function explain(error: unknown, system: Credentials): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EPERM') {
    return `user ${system.getuid()} may not do that; start the server as root, or leave the option out`;
  }
  return error instanceof Error ? error.message : String(error);
}

function ownCredentials(): Credentials {
  const { getuid, getgid, getgroups, setuid, setgid, setgroups } = process;
  const { initgroups } = process as Partial<Pick<Credentials, 'initgroups'>>;
  if (!getuid || !getgid || !getgroups || !setuid || !setgid || !setgroups || !initgroups) {
    throw new ConfigError(['--uid and --gid: this system has no users and groups']);
  }
  return { getuid, getgid, getgroups, setuid, setgid, setgroups, initgroups, primaryGroup };
}

/** Lines `name:password:uid:gid:…`. */
function primaryGroup(user: string): number | undefined {
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const entry = entries.find(([name, , uid]) => name === user || uid === user);
  return entry?.[3] === undefined ? undefined : Number(entry[3]);
}
