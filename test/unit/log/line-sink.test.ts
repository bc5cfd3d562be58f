import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LineSink, linesDropped } from '../../../src/log/line-sink.js';
import { tempDir } from '../../helpers/temp-dir.js';
import { waitUntil } from '../../helpers/wait-until.js';

const { EAGAIN, ENOSPC } = constants.errno;
const SINK = fileURLToPath(new URL('../../../src/log/line-sink.ts', import.meta.url));

/** Fills its standard output, which nobody reads, and reports on standard error how many lines got through. */
const WRITER = `
  import { LineSink } from ${JSON.stringify(SINK)};
  const sink = new LineSink(1);
  let taken = 0;
  for (let line = 0; line < 200; line += 1) if (sink.write('x'.repeat(8191) + '\\n')) taken += 1;
  process.stderr.write(String(taken));
  process.stdin.once('data', () => process.exit(sink.write('after\\n') ? 0 : 1));
`;

describe('line sink', () => {
  it('writes to a full disk without throwing', () => {
    const fd = openSync('/dev/full', 'w');
    const sink = new LineSink(fd);
    sink.write('lost\n');
    sink.write('lost too\n');
    // A sink that is left open tries again, and its number may be another file's by then.
    sink.close();
    closeSync(fd);
  });

  it('survives a descriptor that is closed', () => {
    const path = join(tempDir(), 'log');
    const fd = openSync(path, 'w');
    closeSync(fd);
    const sink = new LineSink(fd);
    sink.write('lost\n');
    sink.close();
    assert.equal(readFileSync(path, 'utf8'), '');
  });

  /** A descriptor that takes so many bytes, then says why it takes no more. */
  class Narrow {
    text = '';
    room = 0;
    error = EAGAIN;
    readonly output = (lines: Uint8Array): { bytes: number; error: number } => {
      const bytes = Math.min(this.room, lines.length);
      this.room -= bytes;
      this.text += Buffer.from(lines.subarray(0, bytes)).toString();
      return { bytes, error: bytes === lines.length ? 0 : this.error };
    };
  }

  it('keeps what is not taken, in order, and goes on where it stopped', () => {
    const narrow = new Narrow();
    narrow.room = 6;
    const sink = new LineSink(narrow.output);
    assert.ok(sink.write('first\n') && sink.write('second\n') && sink.write('third\n'));
    assert.equal(narrow.text, 'first\n');
    assert.deepEqual(sink.state, { dropped: 0, refusal: 'nobody reads it, or too slowly' });
    narrow.room = 3;
    sink.flush();
    narrow.room = 100;
    sink.flush();
    assert.equal(narrow.text, 'first\nsecond\nthird\n');
    assert.deepEqual(sink.state, { dropped: 0, refusal: undefined });
  });

  it('counts every line that it drops, says why, and marks the gap', () => {
    const narrow = new Narrow();
    narrow.error = ENOSPC;
    const sink = new LineSink(narrow.output, (dropped) => `<${dropped}>\n`);
    const before = linesDropped();
    const block = `${'x'.repeat(1023)}\n`;
    let kept = 0;
    while (sink.write(block)) kept += 1;
    assert.equal(sink.write(block + block), false);
    assert.deepEqual(sink.state, { dropped: 3, refusal: 'ENOSPC: no space left on device' });
    assert.equal(linesDropped() - before, 3);
    narrow.room = Infinity;
    assert.ok(sink.write('after\n'));
    assert.equal(narrow.text, `${block.repeat(kept)}<3>\nafter\n`);
  });

  it('goes on with another descriptor, which gets what the old one refused', () => {
    const [full, fresh] = [new Narrow(), new Narrow()];
    fresh.room = Infinity;
    const sink = new LineSink(full.output);
    sink.write('kept\n');
    sink.redirect(fresh.output);
    sink.write('new\n');
    assert.equal(fresh.text, 'kept\nnew\n');
    const closing = new LineSink(full.output);
    closing.write('lost\n');
    closing.close();
    assert.equal(closing.state.dropped, 1);
  });

  it('drops and counts lines when the reader of a pipe stalls, and says so later', async () => {
    const writer = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', WRITER],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const [taken] = (await once(writer.stderr, 'data')) as [Buffer];
    const lines = Number(taken.toString());
    assert.ok(lines < 200, 'the pipe took everything: nothing was tested');
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
      200 - lines,
    );
    assert.ok(text.endsWith('lines were dropped here\nafter\n'), 'the last line is missing');
  });
});
