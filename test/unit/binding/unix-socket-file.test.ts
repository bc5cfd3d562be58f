import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnixSocketFile } from '../../../src/binding/unix-socket-file.js';
import { onCleanup } from '../../helpers/cleanup.js';
import { tempFiles } from '../../helpers/temp-dir.js';

/** Any file will do: only its identity counts. */
function made(): { readonly path: string; readonly file: UnixSocketFile } {
  const path = join(tempFiles({ 'a.sock': '' }), 'a.sock');
  return { path, file: new UnixSocketFile(path) };
}

describe('the file of a UNIX socket', () => {
  it('is removed', () => {
    const { path, file } = made();
    assert.deepEqual(file.remove(), { path, outcome: 'removed' });
    assert.ok(!existsSync(path));
  });

  it('is found again from another directory', () => {
    const { path } = made();
    const before = process.cwd();
    onCleanup(() => process.chdir(before));
    process.chdir(join(path, '..'));
    const file = new UnixSocketFile('a.sock');
    process.chdir('/');
    assert.equal(file.remove().outcome, 'removed');
    assert.ok(!existsSync(path));
  });

  it('stays where it is another one by now', () => {
    const { path, file } = made();
    renameSync(path, `${path}.old`);
    writeFileSync(path, 'new');
    assert.deepEqual(file.remove(), { path, outcome: 'replaced' });
    assert.ok(existsSync(path));
  });

  it('may be gone already, with its directory', () => {
    const { path, file } = made();
    rmSync(join(path, '..'), { recursive: true });
    assert.deepEqual(file.remove(), { path, outcome: 'gone' });
  });
});
