import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LineSink } from '../../../src/log/line-sink.js';
import { tempDir } from '../../helpers/temp-dir.js';
import { waitUntil } from '../../helpers/wait-until.js';

const SINK = fileURLToPath(new URL('../../../src/log/line-sink.ts', import.meta.url));

/** Fills its standard output, which nobody reads, and reports on standard error how many lines got through. */
const WRITER = `
  import { LineSink } from ${JSON.stringify(SINK)};
  const sink = new LineSink(1);
  let taken = 0;
  for (let line = 0; line < 60; line += 1) if (sink.write('x'.repeat(8191) + '\\n')) taken += 1;
  process.stderr.write(String(taken));
  process.stdin.once('data', () => process.exit(sink.write('after\\n') ? 0 : 1));
`;

describe('line sink', () => {
  it('writes to a full disk without throwing', () => {
    const fd = openSync('/dev/full', 'w');
    const sink = new LineSink(fd);
    sink.write('lost\n');
    sink.write('lost too\n');
    closeSync(fd);
  });

  it('survives a descriptor that is closed', () => {
    const path = join(tempDir(), 'log');
    const fd = openSync(path, 'w');
    closeSync(fd);
    new LineSink(fd).write('lost\n');
    assert.equal(readFileSync(path, 'utf8'), '');
  });

  it('drops and counts lines when the reader of a pipe stalls, and says so later', async () => {
    const writer = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', WRITER],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const [taken] = (await once(writer.stderr, 'data')) as [Buffer];
    const lines = Number(taken.toString());
    assert.ok(lines < 60, 'the pipe took everything: nothing was tested');
    let text = '';
    writer.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await waitUntil('the lines that got through', () => text.length >= lines * 8192);
    writer.stdin.write('go\n');
    assert.deepEqual(await once(writer, 'close'), [0, null]);
    const dropped = [...text.matchAll(/^(\d+) log lines were dropped here$/gm)].map(([, count]) =>
      Number(count),
    );
    assert.equal(
      dropped.reduce((sum, count) => sum + count, 0),
      60 - lines,
    );
    assert.ok(text.endsWith('lines were dropped here\nafter\n'), 'the last line is missing');
  });
});
