import assert from 'node:assert/strict';
import { join } from 'node:path';
import { kernelQueueLimit, queueLimitWarning } from '../../../src/binding/listen-queue.js';
import { tempFiles } from '../../helpers/temp-dir.js';

describe('listen queue', () => {
  it('reads the limit of the kernel', () => {
    const directory = tempFiles({ somaxconn: '4096\n', broken: 'x' });
    assert.equal(kernelQueueLimit(join(directory, 'somaxconn')), 4096);
    assert.equal(kernelQueueLimit(join(directory, 'broken')), undefined);
    assert.equal(kernelQueueLimit(join(directory, 'missing')), undefined);
  });

  it('warns only above it, and says what to do', () => {
    assert.equal(queueLimitWarning(4096, 4096), undefined);
    assert.match(queueLimitWarning(4097, 4096) ?? '', /sysctl -w net\.core\.somaxconn=4097/);
  });
});
