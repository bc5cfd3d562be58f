import assert from 'node:assert/strict';
import { socketAccess } from '../../../src/binding/socket-access.js';
import { ConfigError } from '../../../src/errors.js';

const ACCOUNTS = {
  findUser: (name: string) => (name === 'www' ? { uid: 33, gid: 34 } : undefined),
  findGroup: (name: string) => (name === 'web' ? 55 : undefined),
};

interface Given {
  readonly chmodSocket?: number;
  readonly chownSocket?: string;
  readonly uid?: string;
  readonly gid?: string;
}

function access(given: Given): readonly [mode: number, owner: number, group: number] {
  const none = {
    chmodSocket: undefined,
    chownSocket: undefined,
    uid: undefined,
    gid: undefined,
  };
  const { mode, owner, group } = socketAccess({ ...none, ...given }, ACCOUNTS);
  return [mode, owner, group];
}

describe("access to a UNIX socket's file", () => {
  it('is the usual one where nothing is said', () => {
    assert.deepEqual(access({}), [-1, -1, -1]);
    assert.deepEqual(access({ chmodSocket: 0o660 }), [0o660, -1, -1]);
  });

  it('is for the owner that is named, by name or number', () => {
    assert.deepEqual(access({ chownSocket: 'www:web' }), [-1, 33, 55]);
    assert.deepEqual(access({ chownSocket: 'www' }), [-1, 33, -1]);
    assert.deepEqual(access({ chownSocket: '1000:1001' }), [-1, 1000, 1001]);
    assert.deepEqual(access({ chownSocket: ':web' }), [-1, -1, 55]);
    assert.deepEqual(access({ chownSocket: 'www:web', uid: '7', gid: '8' }), [-1, 33, 55]);
  });

  it('is for the user that the server will run as', () => {
    assert.deepEqual(access({ uid: 'www' }), [-1, 33, 34]);
    assert.deepEqual(access({ uid: 'www', gid: 'web' }), [-1, 33, 55]);
    assert.deepEqual(access({ uid: '1000' }), [-1, 1000, -1]);
    assert.deepEqual(access({ gid: '8' }), [-1, -1, 8]);
  });

  it('is not for somebody who does not exist', () => {
    assert.throws(() => access({ chownSocket: 'nobody-here' }), ConfigError);
    assert.throws(() => access({ chownSocket: 'nobody-here' }), /no user "nobody-here"/);
    assert.throws(() => access({ chownSocket: 'www:no-group' }), /no group "no-group"/);
  });
});
