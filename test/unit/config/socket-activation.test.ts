import assert from 'node:assert/strict';
import { protocolOf, readActivation } from '../../../src/config/socket-activation.js';

const NOTHING = { sockets: [], remark: '' };

describe('socket activation', () => {
  it('counts descriptors from 3 and knows their names', () => {
    const env = { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'http:app.socket' };
    assert.deepEqual(readActivation(env, 7).sockets, [
      { fd: 3, name: 'http' },
      { fd: 4, name: 'app.socket' },
      { fd: 5, name: '' },
    ]);
  });

  it('takes nothing where there is nothing', () => {
    assert.deepEqual(readActivation({}, 7), NOTHING);
    assert.deepEqual(readActivation({ LISTEN_PID: '7', LISTEN_FDS: '-1' }, 7), NOTHING);
    assert.deepEqual(readActivation({ LISTEN_PID: '7', LISTEN_FDS: '0' }, 7), NOTHING);
    assert.deepEqual(readActivation({ LISTEN_PID: '7' }, 7), NOTHING);
    assert.deepEqual(readActivation({ LISTEN_FDS: '1' }, 7), NOTHING);
  });

  it('says where a wrapper came in between', () => {
    const { sockets, remark } = readActivation({ LISTEN_PID: '8', LISTEN_FDS: '1' }, 7);
    assert.deepEqual(sockets, []);
    assert.match(remark, /^; LISTEN_FDS names sockets for process 8, this is 7/);
  });

  it('takes the protocol from the name where that is one', () => {
    assert.equal(protocolOf({ fd: 3, name: 'http' }, 'uwsgi'), 'http');
    assert.equal(protocolOf({ fd: 3, name: 'uwsgi' }, 'http'), 'uwsgi');
    assert.equal(protocolOf({ fd: 3, name: 'app.socket' }, 'uwsgi'), 'uwsgi');
  });
});
