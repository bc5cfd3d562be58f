/** Reads the case files of test/fixtures/http1/heads and test/fixtures/uwsgi/packets; a README.md there has the format. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unescape } from './escapes.js';
import { blockPacket, sized } from './uwsgi-packet.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

export class FixtureFile {
  readonly name: string;
  /** Bytes of lines that are bytes, one character each. */
  readonly bytes: string;
  readonly lines: readonly (readonly [key: string, value: string])[];

  constructor(name: string, text: string) {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    this.name = name;
    this.bytes = lines
      .filter((line) => /^[|>]/.test(line))
      .map((line) => unescape(line.slice(2)) + (line.startsWith('|') ? '\r\n' : ''))
      .join('');
    this.lines = lines
      .filter((line) => !/^[|>]/.test(line))
      .map((line) => {
        const [, key = '', value = ''] = /^(\S+) ?(.*)$/s.exec(line) ?? [];
        return [key, unescape(value)] as const;
      });
  }

  get(key: string): string | undefined {
    return this.lines.find(([known]) => known === key)?.[1];
  }

  all(key: string): string[] {
    return this.lines.filter(([known]) => known === key).map(([, value]) => value);
  }
}

export function readFixtures(directory: string): FixtureFile[] {
  const path = join(FIXTURES, directory);
  return readdirSync(path)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => new FixtureFile(basename(name, '.txt'), readFileSync(join(path, name), 'utf8')));
}

/** The bytes of a case in test/fixtures/uwsgi/packets, with what stands behind the packet. */
export function packetOf(file: FixtureFile): Buffer {
  const parts = file.lines.flatMap(([key, value]) => {
    if (key === 'raw') return [Buffer.from(value, 'latin1')];
    if (key !== 'var') return [];
    const equals = value.indexOf('=');
    return [sized(value.slice(0, equals)), sized(value.slice(equals + 1))];
  });
  const datasize = file.get('datasize');
  const block = blockPacket(Buffer.concat(parts), {
    modifier1: Number(file.get('modifier1') ?? 0),
    modifier2: Number(file.get('modifier2') ?? 0),
    ...(datasize === undefined ? {} : { datasize: Number(datasize) }),
  });
  return Buffer.concat([block, Buffer.from(file.get('rest') ?? '', 'latin1')]);
}
