import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  loopbackListeners,
  ownLoopbackPorts,
  socketInodes,
} from '../../../../src/supervisor/harakiri/inspector-port.js';
import { onCleanup } from '../../../helpers/cleanup.js';
import { tempFiles } from '../../../helpers/temp-dir.js';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:B5F9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 67817098 1 000 100 0 0 10 0
   1: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1060 1 000 100 0 0 10 0
   2: 0100007F:800F 0100007F:1234 01 00000000:00000000 00:00000000 00000000     0        0 67816365 1 000 20 4 30 10 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0
`;

const CHILD = `
import { createServer } from 'node:net';
const server = createServer().listen(0, '127.0.0.1', () => process.send(server.address().port));
`;

describe('ports of a process', () => {
  it('are read from the tables of the kernel: listening, on the loopback', () => {
    assert.deepEqual(loopbackListeners(TCP), [{ port: 0xb5f9, inode: '67817098' }]);
    assert.deepEqual(loopbackListeners(TCP6), [{ port: 80, inode: '77' }]);
    assert.deepEqual(loopbackListeners(''), []);
  });

  it('are the ones it opened itself, not what it shares with its parent', async () => {
    const ours = createServer().listen(0, '127.0.0.1');
    onCleanup(() => void ours.close());
    await once(ours, 'listening');
    const child = fork(join(tempFiles({ 'child.mjs': CHILD }), 'child.mjs'), { execArgv: [] });
    onCleanup(() => void child.kill('SIGKILL'));
    const [port] = (await once(child, 'message')) as [number];
    assert.deepEqual(ownLoopbackPorts(child.pid ?? 0), [port]);
    assert.ok(socketInodes('self').size > 0);
    assert.deepEqual(ownLoopbackPorts(process.pid), []);
  });

  it('are unknown of a process that is not there', () => {
    assert.throws(() => socketInodes(2 ** 22 + 1), { code: 'ENOENT' });
    assert.deepEqual(ownLoopbackPorts(2 ** 22 + 1), []);
  });
});
