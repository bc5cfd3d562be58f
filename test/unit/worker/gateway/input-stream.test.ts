import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { InputClosedError, RequestAbortedError } from '../../../../src/app/errors.js';
import { RequestInput } from '../../../../src/worker/gateway/input-stream.js';
import {
  FileBackedBody,
  MemoryBody,
  StreamedBody,
  type BufferedBody,
} from '../../../../src/worker/gateway/request-body.js';
import { onCleanup } from '../../../helpers/cleanup.js';
import { tempDir } from '../../../helpers/temp-dir.js';

type Maker = (bytes: Buffer) => BufferedBody;

function fileBody(bytes: Buffer): FileBackedBody {
  const path = join(tempDir(), 'body');
  writeFileSync(path, bytes);
  return new FileBackedBody(openSync(path, 'r'), bytes.length);
}

const makers: readonly (readonly [string, Maker])[] = [
  ['in memory', (bytes) => MemoryBody.of(bytes)],
  ['in a file', fileBody],
];

const text = (pieces: readonly Buffer[]): string[] => pieces.map((piece) => piece.toString());

async function collect(input: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of input) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('wsgi.input', () => {
  for (const [where, make] of makers) {
    describe(where, () => {
      const inputOf = (content: string | Buffer): RequestInput => {
        const body = make(Buffer.from(content));
        onCleanup(() => body.close());
        return new RequestInput(body);
      };

      it('reads in parts and in full', () => {
        const input = inputOf('0123456789');
        assert.deepEqual(
          text([input.read(3), input.read(0), input.read(4), input.read(), input.read()]),
          ['012', '', '3456', '789', ''],
        );
        assert.equal(inputOf('abc').read(-1).toString(), 'abc');
        assert.equal(inputOf('abc').read(100).toString(), 'abc');
        input.close();
      });

      it('reads lines, with and without a limit', () => {
        const input = inputOf('one\ntwo\n\nlast');
        assert.deepEqual(
          text([
            input.readline(),
            input.readline(2),
            input.readline(),
            input.readline(),
            input.readline(),
            input.readline(),
          ]),
          ['one\n', 'tw', 'o\n', '\n', 'last', ''],
        );
      });

      it('reads all lines up to a hint, and iterates lines', () => {
        assert.deepEqual(text(inputOf('a\nb\nc').readlines()), ['a\n', 'b\n', 'c']);
        const input = inputOf('a\nb\nc');
        assert.deepEqual(text(input.readlines(3)), ['a\n', 'b\n']);
        assert.deepEqual(text([...input]), ['c']);
      });

      it('finds the ends of lines that are longer than a block', () => {
        const long = Buffer.alloc(150_000, 'x');
        const input = inputOf(Buffer.concat([long, Buffer.from('\nend')]));
        assert.equal(input.readline().length, 150_001);
        assert.equal(input.readline().toString(), 'end');
      });

      it('shares one position between all ways of reading', async () => {
        const input = inputOf('ab\ncdefg');
        assert.equal(input.readline().toString(), 'ab\n');
        assert.equal(input.read(2).toString(), 'cd');
        assert.equal((await collect(input)).toString(), 'efg');
        assert.equal(input.read().length, 0);
      });

      it('is a Readable on demand', async () => {
        const content = Buffer.alloc(200_000, 'r');
        assert.deepEqual(await collect(inputOf(content).toReadable()), content);
      });

      it('gives the same bytes however they are asked for', () => {
        fc.assert(
          fc.property(
            fc.string(),
            fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 20 }),
            (content, sizes) => {
              const input = new RequestInput(make(Buffer.from(content)));
              const parts = sizes.map((size, i) =>
                i % 2 === 0 ? input.read(size) : input.readline(size),
              );
              assert.equal(
                Buffer.concat([...parts, input.read()]).toString(),
                Buffer.from(content).toString(),
              );
              input.close();
            },
          ),
        );
      });

      it('throws the reason after an abort', () => {
        const input = inputOf('abc');
        const reason = new RequestAbortedError('client-gone');
        input.abort(reason);
        assert.throws(() => input.read(), reason);
        assert.throws(() => input.readline(), reason);
      });
    });
  }

  it('closes the descriptor with the request, once', () => {
    const path = join(tempDir(), 'body');
    writeFileSync(path, 'abc');
    const fd = openSync(path, 'r');
    const input = new RequestInput(new FileBackedBody(fd, 3));
    assert.equal(input.readline(1).toString(), 'a');
    input.close();
    assert.throws(() => fstatSync(fd), { code: 'EBADF' });
    input.close();
    assert.throws(() => input.read(), InputClosedError);
    assert.throws(() => input.readline(), InputClosedError);
  });

  it('reads a file once for many lines, and goes on where a line passes the end of a block', () => {
    const lines = Array.from({ length: 30_000 }, (_, line) => `line ${line}\n`);
    const body = fileBody(Buffer.from(lines.join('')));
    const input = new RequestInput(body);
    const read = [...input];
    assert.deepEqual(text(read), lines);
    assert.ok(new Set(read.map(({ buffer }) => buffer)).size < 20);
    body.close();
  });

  it('fetches a body from the core when it is first read, and not after the answer', () => {
    let fetched = 0;
    const body = (): MemoryBody =>
      new MemoryBody(3, () => {
        fetched += 1;
        return Buffer.from('abc');
      });
    const input = new RequestInput(body());
    assert.equal(fetched, 0);
    input.read(1);
    input.close();
    assert.equal(input.read().toString(), 'bc');
    assert.equal(fetched, 1);
    const unread = new RequestInput(body());
    unread.close();
    assert.throws(() => unread.read(), InputClosedError);
    assert.equal(fetched, 1);
  });

  describe('streamed', () => {
    function streamed(): { readonly input: RequestInput; readonly asked: number[] } {
      const asked: number[] = [];
      return {
        input: new RequestInput(new StreamedBody((bytes) => void asked.push(bytes))),
        asked,
      };
    }

    it('refuses synchronous reads with the option that allows them', () => {
      const { input } = streamed();
      for (const read of [
        () => input.read(),
        () => input.readline(),
        () => input.readlines(),
        () => [...input],
      ]) {
        assert.throws(read, {
          name: 'BodyNotBufferedError',
          code: 'ERR_TSUWSGI_BODY_NOT_BUFFERED',
          message: /--post-buffering/,
        });
      }
    });

    it('asks for bytes only when they are wanted, and not for more than a window', async () => {
      const { input, asked } = streamed();
      assert.deepEqual(asked, []);
      const iterator = input[Symbol.asyncIterator]();
      const first = iterator.next();
      await Promise.resolve();
      assert.deepEqual(asked, [65_536]);
      input.push(Buffer.alloc(20_000, 'a'));
      input.push(Buffer.alloc(20_000, 'b'));
      assert.deepEqual(await first, { done: false, value: Buffer.alloc(20_000, 'a') });
      await iterator.next();
      assert.deepEqual(asked, [65_536]);
      const third = iterator.next();
      await Promise.resolve();
      assert.deepEqual(asked, [65_536, 40_000]);
      input.end();
      assert.equal((await third).done, true);
    });

    it('gives pieces that came before they were wanted, and the end', async () => {
      const { input } = streamed();
      input.push(Buffer.from('a'));
      input.push(Buffer.from('b'));
      input.end();
      assert.equal((await collect(input.toReadable())).toString(), 'ab');
    });

    it('rejects a reader when the request is gone', async () => {
      const { input } = streamed();
      const reading = collect(input);
      const reason = new RequestAbortedError('bad-body');
      input.abort(reason);
      await assert.rejects(reading, reason);
    });
  });

  describe('as a stream of a request that is gone', () => {
    const reason = new RequestAbortedError('client-gone');

    function reading(): { readonly input: RequestInput; readonly stream: Readable } {
      const input = new RequestInput(new StreamedBody(() => undefined));
      return { input, stream: input.toReadable().resume() };
    }

    it('closes without an error event where nobody listens for one', async () => {
      const { input, stream } = reading();
      const unheard: unknown[] = [];
      input.reportTo({ unheard: (error) => void unheard.push(error) });
      input.abort(reason);
      // once() of node:events would listen for errors.
      await new Promise((resolve) => stream.once('close', resolve));
      assert.deepEqual([stream.errored, stream.readableEnded, unheard], [reason, false, [reason]]);
      await assert.rejects(collect(stream), reason);
    });

    it('gives the reason to who listens', async () => {
      const { input, stream } = reading();
      input.reportTo({ unheard: () => assert.fail('it was heard') });
      const heard = once(stream, 'error');
      input.abort(reason);
      assert.deepEqual(await heard, [reason]);
    });

    it('gives the reason to a pipeline, an iteration and a web stream', async () => {
      const ways: readonly ((stream: Readable) => Promise<unknown>)[] = [
        (stream) => pipeline(stream, new PassThrough()),
        collect,
        (stream) => collect(Readable.toWeb(stream) as AsyncIterable<Buffer>),
      ];
      for (const way of ways) {
        const input = new RequestInput(new StreamedBody(() => undefined));
        const outcome = assert.rejects(way(input.toReadable()), reason);
        input.abort(reason);
        await outcome;
      }
    });
  });
});
