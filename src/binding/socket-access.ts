/** `--chmod-socket`, `--chown-socket`, `--uid` and `--gid`, as the system calls want them. */
import type { Config } from '../config/config.js';
import { OptionError } from '../errors.js';
import type { NativeAddon, UnixAccess } from './native.js';

type AccessSettings = Pick<Config, 'chmodSocket' | 'chownSocket' | 'uid' | 'gid'>;
type Accounts = Pick<NativeAddon, 'findUser' | 'findGroup'>;

const UNCHANGED = -1;

/**
 * Sockets are bound before privileges are dropped, so without `--chown-socket` they are given to the user that the
 * server will run as: uWSGI, which binds afterwards, ends up with the same owner. Throws a ConfigError for names that
 * the system does not know.
 */
export function socketAccess(config: AccessSettings, accounts: Accounts): UnixAccess {
  const mode = config.chmodSocket ?? UNCHANGED;
  if (config.chownSocket !== undefined)
    return { mode, ...chosenOwner(config.chownSocket, accounts) };
  const user = config.uid === undefined ? undefined : userIds(config.uid, accounts);
  const group = config.gid === undefined ? user?.gid : groupId(config.gid, accounts);
  return { mode, owner: user?.uid ?? UNCHANGED, group: group ?? UNCHANGED };
}

/** `user`, `user:group` or `:group`. */
function chosenOwner(text: string, accounts: Accounts): Pick<UnixAccess, 'owner' | 'group'> {
  const separator = text.indexOf(':');
  const user = separator < 0 ? text : text.slice(0, separator);
  const group = separator < 0 ? '' : text.slice(separator + 1);
  const owner = user === '' ? UNCHANGED : userIds(user, accounts)?.uid;
  if (owner === undefined) throw unknownAccount(text, 'user', user);
  const groupNumber = group === '' ? UNCHANGED : groupId(group, accounts);
  if (groupNumber === undefined) throw unknownAccount(text, 'group', group);
  return { owner, group: groupNumber };
}

interface UserIds {
  readonly uid: number;
  readonly gid?: number;
}

/** A number needs no entry in the user database. `--uid` that is not known is reported where privileges are dropped. */
function userIds(user: string, accounts: Accounts): UserIds | undefined {
  return /^\d+$/.test(user) ? { uid: Number(user) } : accounts.findUser(user);
}

function groupId(group: string, accounts: Accounts): number | undefined {
  return /^\d+$/.test(group) ? Number(group) : accounts.findGroup(group);
}

function unknownAccount(text: string, kind: string, name: string): OptionError {
  return new OptionError(
    'chown-socket',
    text,
    `this system has no ${kind} ${JSON.stringify(name)}`,
  );
}
