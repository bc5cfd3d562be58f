import assert from 'node:assert/strict';
import {
  closeSync,
  createReadStream,
  fstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type {
  Application,
  Chunk,
  FileLike,
  FileRange,
  FileWrapper,
  Header,
} from '../../../../src/app/types.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { tempDir } from '../../../helpers/temp-dir.js';
import type { Operation } from '../fake-core.js';
import { first } from '../applications.js';
import { answer, turn } from '../gateway-harness.js';

const CONTENT = 'The quick brown fox';

function file(content = CONTENT): string {
  const path = join(tempDir(), 'file');
  writeFileSync(path, content);
  return path;
}

function sending(
  source: FileLike,
  range?: FileRange,
  headers: readonly Header[] = [],
): Application {
  return (environ, startResponse) => {
    startResponse('200 OK', headers);
    return environ['wsgi.file_wrapper'](source, 8, range);
  };
}

const isOpen = (fd: number): boolean => {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
};

/** The FILE operation's descriptor is the core's: the test closes it in its place. */
function sent(operations: readonly Operation[]): {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
} {
  assert.deepEqual(
    operations.map(({ op }) => op),
    ['BEGIN', 'FILE', 'END'],
  );
  const [begin, fileOp] = operations as [Operation, Operation];
  assert.equal(begin.declared, fileOp.declared);
  const path = readlinkSync(`/proc/self/fd/${fileOp.head}`);
  closeSync(fileOp.head);
  return { path, offset: fileOp.offset, length: fileOp.declared };
}

/** Gives `content` in pieces of the size it is asked for. */
function reader(content: string): FileLike {
  let at = 0;
  return { read: (size: number) => content.slice(at, (at += size)) };
}

describe('wsgi.file_wrapper', () => {
  it('gives a descriptor to the core', async () => {
    const path = file();
    const fd = openSync(path, 'r');
    const { operations } = await answer(sending(fd));
    assert.equal(operations[1]?.head, fd);
    assert.deepEqual(sent(operations), { path, offset: 0, length: CONTENT.length });
  });

  it('opens a path', async () => {
    const path = file();
    const { operations } = await answer(sending(path));
    assert.deepEqual(sent(operations), { path, offset: 0, length: CONTENT.length });
  });

  it('throws for a path that is not there, where the application can answer', async () => {
    const { operations, log } = await answer((environ, startResponse) => {
      try {
        return environ['wsgi.file_wrapper']('/nonexistent/file');
      } catch (error) {
        startResponse('404 Not Found', []);
        return (error as NodeJS.ErrnoException).code;
      }
    });
    assert.equal(first(operations).status, 404);
    assert.equal(first(operations).body.toString(), 'ENOENT');
    assert.deepEqual(log, []);
  });

  it('sends the file of a FileHandle and closes the handle', async () => {
    const path = file();
    const handle = await open(path);
    const { fd } = handle;
    const { operations } = await answer(sending(handle));
    assert.notEqual(operations[1]?.head, fd);
    assert.equal(sent(operations).path, path);
    await turn();
    assert.equal(handle.fd, -1);
  });

  it('sends the part of the file that a read stream would give, and destroys the stream', async () => {
    const path = file();
    const stream = createReadStream(path, { start: 4, end: 8 });
    const { core, dispatcher } = await answer(sending(stream));
    while (dispatcher.running > 0) await turn();
    assert.deepEqual(sent(core.of(1)), { path, offset: 4, length: 5 });
    assert.equal(stream.destroyed, true);
  });

  it('fails with the error of a read stream that cannot open its file', async () => {
    const { core, dispatcher, log } = await answer(sending(createReadStream('/nonexistent/file')));
    while (dispatcher.running > 0) await turn();
    assert.deepEqual(
      core.of(1).map(({ status }) => status),
      [500],
    );
    assert.match(log[0]?.message ?? '', /ENOENT/);
  });

  it('sends ranges, cut at the file', async () => {
    const path = file();
    const lengths: (readonly [FileRange, number, number])[] = [
      [{ start: 4 }, 4, CONTENT.length - 4],
      [{ end: 3 }, 0, 3],
      [{ start: 4, end: 9 }, 4, 5],
      [{ start: 4, end: 1000 }, 4, CONTENT.length - 4],
    ];
    for (const [range, offset, length] of lengths) {
      const { operations } = await answer(sending(path, range));
      assert.deepEqual(sent(operations), { path, offset, length });
    }
  });

  const unpositioned: readonly (readonly [string, () => FileLike])[] = [
    ['a stream that is no file', () => Readable.from(['The quick ', 'brown ', 'fox'])],
    ['an object with read(size)', () => reader(CONTENT)],
  ];
  for (const [name, make] of unpositioned) {
    it(`sends a range of ${name}`, async () => {
      for (const [start, end] of [
        [4, 9],
        [12, undefined],
        [0, 3],
        [9, 4],
      ] as const) {
        const { body } = await answer(sending(make(), { start, ...(end && { end }) }));
        assert.equal(body, CONTENT.slice(start, end));
      }
    });
  }

  it('sends a range of a read stream after something was written, and destroys it', async () => {
    const stream = createReadStream(file(), { start: 2 });
    const { core } = await answer((environ, startResponse) => {
      void startResponse('200 OK', [])('before: ');
      return environ['wsgi.file_wrapper'](stream, 8, { start: 4, end: 9 });
    });
    await waitUntil('the stream to close', () => stream.closed);
    assert.equal(core.bodyOf(1), 'before: quick');
  });

  it('refuses ranges, blocks and files that are none, where the application can answer', async () => {
    const path = file();
    const wrong: readonly (readonly [unknown, number, FileRange, string])[] = [
      [path, 8, { start: -3 }, 'RangeError'],
      [path, 8, { start: 1.5 }, 'RangeError'],
      [path, 8, { end: Number.NaN }, 'RangeError'],
      [path, 0, {}, 'RangeError'],
      [{}, 8, {}, 'TypeError'],
      [[], 8, {}, 'TypeError'],
      [{ fd: 'x' }, 8, {}, 'TypeError'],
      [null, 8, {}, 'TypeError'],
    ];
    await answer((environ, startResponse) => {
      for (const [source, block, range, name] of wrong)
        assert.throws(
          () => environ['wsgi.file_wrapper'](source as FileLike, block, range),
          (error: Error) => error.name === name,
        );
      startResponse('200 OK', []);
      return '';
    }).then(({ log }) => assert.deepEqual(log, []));
  });

  it('opens a URL', async () => {
    const path = file();
    const { operations } = await answer(sending(pathToFileURL(path)));
    assert.deepEqual(sent(operations), { path, offset: 0, length: CONTENT.length });
  });

  it('does not touch a descriptor again that it gave away', async () => {
    const fd = openSync(file(), 'r');
    let wrapped: ReturnType<FileWrapper> | undefined;
    const application: Application = (environ, startResponse) => {
      startResponse('200 OK', []);
      wrapped ??= environ['wsgi.file_wrapper'](fd);
      return wrapped;
    };
    const once = await answer(application);
    assert.equal(once.operations[1]?.head, fd);
    const again = await answer(application);
    assert.equal(first(again.operations).status, 500);
    assert.match(again.log[0]?.message ?? '', /sent, or closed, already/);
    assert.throws(() => [...(wrapped as Iterable<Chunk>)], /already/);
    assert.equal(isOpen(fd), true);
    closeSync(fd);
  });

  it('sends less where Content-Length says so, and refuses more', async () => {
    const shorter = await answer(sending(file(), {}, [['Content-Length', '5']]));
    assert.equal(sent(shorter.operations).length, 5);
    const path = file();
    const fd = openSync(path, 'r');
    const longer = await answer(sending(fd, {}, [['Content-Length', '500']]));
    assert.deepEqual(
      longer.operations.map(({ status }) => status),
      [500],
    );
    assert.equal(isOpen(fd), false);
  });

  it('closes the descriptor where nothing is sent from it', async () => {
    const cases: readonly (readonly [string, FileRange, string])[] = [
      ['HEAD', {}, CONTENT],
      ['GET', {}, ''],
      ['GET', { start: 100 }, CONTENT],
    ];
    for (const [method, range, content] of cases) {
      const fd = openSync(file(content), 'r');
      const { operations } = await answer(sending(fd, range), { method });
      assert.deepEqual(
        operations.map(({ op }) => op),
        ['RESPOND'],
      );
      assert.equal(first(operations).declared, method === 'HEAD' ? CONTENT.length : -1);
      assert.equal(isOpen(fd), false);
    }
  });

  it('closes the descriptor where startResponse was not called', async () => {
    const fd = openSync(file(), 'r');
    const { operations } = await answer((environ) => environ['wsgi.file_wrapper'](fd));
    assert.equal(first(operations).status, 500);
    assert.equal(isOpen(fd), false);
  });

  it('reads what is no file in blocks', async () => {
    const source = Readable.from(['a', 'b']);
    const streamed = await answer(sending(source));
    assert.equal(streamed.body, 'ab');
    assert.equal(source.destroyed, true);

    const fd = openSync('/proc/self/comm', 'r');
    const proc = await answer(sending(fd));
    assert.equal(proc.body, readFileSync('/proc/self/comm', 'utf8'));
    assert.equal(isOpen(fd), false);
  });

  it('closes what cannot be opened once more', async () => {
    let closed = 0;
    const gone = { fd: 1_000_000, close: () => void (closed += 1) };
    const { operations } = await answer(sending(gone));
    assert.equal(first(operations).status, 500);
    assert.equal(closed, 1);
  });

  it('waits for no file that closes late, and complains where it cannot', async () => {
    const handle = await open(file());
    const { fd } = handle;
    const close = async (): Promise<void> => {
      await handle.close();
      throw new Error('no space left');
    };
    const { operations, log } = await answer(sending({ fd, close }));
    assert.equal(sent(operations).length, CONTENT.length);
    await waitUntil('the record', () => log.length > 0);
    assert.match(log[0]?.message ?? '', /error after the response: .*no space left/);
  });

  it('reads and closes anything with read(size)', async () => {
    const sizes: number[] = [];
    let closed = 0;
    const blocks: (Chunk | null)[] = ['one', Buffer.from('two'), null];
    const { body } = await answer(
      sending({
        read: (size: number) => {
          sizes.push(size);
          return blocks.shift() ?? null;
        },
        close: () => (closed += 1),
      }),
    );
    assert.equal(body, 'onetwo');
    assert.deepEqual(sizes, [8, 8, 8]);
    assert.equal(closed, 1);
  });

  it('follows what was written before', async () => {
    const fd = openSync(file(), 'r');
    const { body } = await answer((environ, startResponse) => {
      void startResponse('200 OK', [])('before: ');
      return environ['wsgi.file_wrapper'](fd, 8);
    });
    assert.equal(body, `before: ${CONTENT}`);
    assert.equal(isOpen(fd), false);
  });

  it('can be iterated by a middleware', () => {
    const path = file();
    const blocks: Chunk[] = [];
    return answer((environ, startResponse) => {
      startResponse('200 OK', []);
      const body = environ['wsgi.file_wrapper'](path, 8);
      blocks.push(...body);
      body.close();
      return blocks;
    }).then(({ body }) => {
      assert.equal(body, readFileSync(path, 'utf8'));
      assert.deepEqual(
        blocks.map((block) => block.length),
        [8, 8, 3],
      );
    });
  });
});
