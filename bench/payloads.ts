import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The bodies that cross the wire, as files in one directory, so that a server in any language answers with the same
 * bytes: Node, Bun, Python and C++ servers read them at start, nginx serves the directory.
 */
export type AppName = 'hello' | 'json' | 'echo' | 'large' | 'file' | 'delay';

interface Payload {
  readonly file: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

const octets = 'application/octet-stream';

/** A JSON document whose serialised form is exactly 1,024 bytes. */
function jsonDocument(): Buffer {
  const items = Array.from({ length: 12 }, (_, index) => ({
    id: 1000 + index,
    name: `item number ${index + 10}`,
    price: 10.5 + index,
    tags: ['a', 'b'],
  }));
  const document = { status: 'ok', page: 1, items, note: '' };
  const missing = 1024 - Buffer.byteLength(JSON.stringify(document));
  return Buffer.from(JSON.stringify({ ...document, note: 'n'.repeat(missing) }));
}

/** Bytes that no layer can compress or fold, the same on every machine (a linear congruential sequence). */
function octetSequence(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

const helloBytes = Buffer.from('Hello World');

export const payloads: Readonly<Record<AppName, Payload>> = {
  hello: { file: 'hello.html', contentType: 'text/html', bytes: helloBytes },
  json: { file: 'document.json', contentType: 'application/json', bytes: jsonDocument() },
  echo: { file: 'echo.bin', contentType: octets, bytes: Buffer.alloc(1024, 'x') },
  large: { file: 'large.bin', contentType: octets, bytes: octetSequence(64 * 1024) },
  file: { file: 'file.bin', contentType: octets, bytes: octetSequence(1024 * 1024) },
  delay: { file: 'hello.html', contentType: 'text/html', bytes: helloBytes },
};

/**
 * Lets `use` have every payload in a directory, which servers find in the environment variable BENCH_PAYLOADS. Readable
 * by all: the workers of nginx run as another user.
 */
export async function withPayloads<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'tsuwsgi-bench-payloads-'));
  try {
    chmodSync(directory, 0o755);
    for (const payload of Object.values(payloads)) {
      writeFileSync(join(directory, payload.file), payload.bytes);
    }
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
