import assert from 'node:assert/strict';
import { type Credentials, dropPrivileges, warnOfRoot } from '../../../src/cli/drop-privileges.js';
import { ConfigError } from '../../../src/errors.js';
import { recordingLogger } from './recording-logger.js';

/** The calls in their order, as a system would see them. */
function fakeSystem(uid: number): { readonly system: Credentials; readonly calls: string[] } {
  const calls: string[] = [];
  const refuse = () => {
    throw Object.assign(new Error('setuid EPERM'), { code: 'EPERM' });
  };
  const act = (name: string) => (value: unknown) => {
    if (uid !== 0) refuse();
    calls.push(`${name}(${String(value)})`);
  };
  const system: Credentials = {
    getuid: () => uid,
    getgid: () => 33,
    setuid: act('setuid'),
    setgid: act('setgid'),
    getgroups: () => [33],
    setgroups: act('setgroups'),
    initgroups: act('initgroups'),
    primaryGroup: (user) => (user === 'web' ? 1033 : undefined),
  };
  return { system, calls };
}

function callsFor(options: { uid?: string; gid?: string }, uid = 0): string[] {
  const { system, calls } = fakeSystem(uid);
  dropPrivileges({ uid: options.uid, gid: options.gid }, recordingLogger().logger, system);
  return calls;
}

describe('giving up privileges', () => {
  it('does nothing unless it is asked', () => assert.deepEqual(callsFor({}), []));

  it('changes the group, then the other groups, then the user', () => {
    assert.deepEqual(callsFor({ uid: 'web', gid: 'www' }), [
      'setgid(www)',
      'initgroups(web)',
      'setuid(web)',
    ]);
  });

  it('adds groups to those of the user, before it gives up root', () => {
    const { system, calls } = fakeSystem(0);
    const identity = { uid: 'web', gid: undefined, addGid: ['audio', '7'] };
    dropPrivileges(identity, recordingLogger().logger, system);
    assert.deepEqual(calls.slice(-2), ['setgroups(33,audio,7)', 'setuid(web)']);
  });

  it('takes the group of the user with it', () => {
    assert.deepEqual(callsFor({ uid: 'web' }), ['setgid(1033)', 'initgroups(web)', 'setuid(web)']);
  });

  it('takes numbers, which have no other groups', () => {
    assert.deepEqual(callsFor({ uid: '7', gid: '8' }), ['setgid(8)', 'setgroups(33)', 'setuid(7)']);
    assert.deepEqual(callsFor({ gid: '8' }), ['setgid(8)', 'setgroups(33)']);
  });

  it('says where the group of the user is not known', () => {
    const { system } = fakeSystem(0);
    const { logger, lines } = recordingLogger();
    dropPrivileges({ uid: 'nobody-here', gid: undefined }, logger, system);
    assert.match(lines[0] ?? '', /^warn: the group of nobody-here is not known/);
    assert.deepEqual(lines.slice(1), ['fact: setgid() to 33', 'fact: setuid() to 0']);
  });

  it('is an error for everybody but root', () => {
    assert.throws(
      () => callsFor({ uid: 'web', gid: 'www' }, 1000),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.match(
          error.message,
          /^--uid web --gid www: user 1000 may not do that; start the server as root/,
        );
        return true;
      },
    );
  });

  it('warns of root, and of nobody else', () => {
    const { logger, lines } = recordingLogger();
    warnOfRoot(logger, 33);
    assert.deepEqual(lines, []);
    warnOfRoot(logger, 0);
    assert.match(lines.join(), /running tsuwsgi-native as root/);
  });
});
