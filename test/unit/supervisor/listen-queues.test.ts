import assert from 'node:assert/strict';
import { parseListeners } from '../../../src/supervisor/listen-queues.js';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:0000000C 00:00000000 00000000     0        0 1 1
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000007 00:00000000 00000000     0        0 2 1
   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0 0 0 3 1
`;

describe('accept queues', () => {
  it('are those of listening sockets', () => {
    assert.deepEqual(parseListeners(TABLE), [
      { port: 8080, waiting: 12 },
      { port: 80, waiting: 0 },
    ]);
  });
});
