import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { collectRefusals, refusalsPage } from '../../../scripts/lib/refusals-page.js';
import { ExitCode } from '../../../src/ipc/exit-codes.js';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/errors.md', root), 'utf8');

function sources(): string {
  const files = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(`src/${file}`, root), 'utf8'))
    .join('\n');
}

function unique(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? match[0]))];
}

/** Those without a place in the table of records. */
function notListed(names: readonly string[]): string[] {
  const table = page.slice(page.indexOf('## Log records with a reason'));
  return [...new Set(names)].filter((name) => !table.includes(`\`${name}\``)).sort();
}

describe('docs/errors.md', () => {
  it('lists every exit code', () => {
    for (const code of Object.values(ExitCode))
      assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'));
  });

  it('lists every code of an error, and no other', () => {
    const inCode = unique(sources(), /ERR_TSUWSGI_[A-Z_]+/g).sort();
    assert.ok(inCode.length >= 8);
    assert.deepEqual(unique(page, /ERR_TSUWSGI_[A-Z_]+/g).sort(), inCode);
  });

  it('lists every reason for which a request is aborted', () => {
    const types = readFileSync(new URL('src/app/errors.ts', root), 'utf8');
    const union = /type AbortCause =([^;]*);/.exec(types)?.[1] ?? '';
    const reasons = unique(union, /'([a-z-]+)'/g);
    assert.ok(reasons.length >= 6);
    for (const reason of reasons) assert.match(page, new RegExp(`^\\| \`${reason}\` \\|`, 'm'));
  });

  it('lists every event that is logged with a reason', () => {
    const records = unique(sources(), /\{[^{}]*\bevent: [^{}]*\}/g);
    const events = records
      .filter((record) => /\breason\b/.test(record))
      .flatMap((record) => unique(/event: [^,]*/.exec(record)?.[0] ?? '', /'([a-z-]+)'/g));
    for (const event of ['worker-died', 'upgrade-failed', 'paused', 'resumed', 'no-backend'])
      assert.ok(events.includes(event), event);
    assert.deepEqual(notListed(events), []);
  });

  it('lists every reason that is a word of its own', () => {
    const reasons = unique(sources(), /reason: '([a-z]+(?:-[a-z]+)+)'/g);
    assert.ok(reasons.length >= 8);
    assert.deepEqual(notListed(reasons), []);
  });
});

describe('docs/refusals.md', () => {
  it('is collected from sources that still have the shapes it looks for', () => {
    const refusals = collectRefusals();
    const statuses = new Set(refusals.map(({ status }) => status));
    for (const status of [400, 408, 413, 414, 431, 501, 503, 505]) assert.ok(statuses.has(status));
    for (const reason of ['line folding', 'repeated Host', 'chunk data longer than its size']) {
      assert.ok(
        refusals.some((refusal) => refusal.reason === reason),
        reason,
      );
    }
  });

  it('has what ends a uwsgi connection', () => {
    const refusals = refusalsPage();
    for (const row of [
      '| 431 | the packet is larger than --buffer-size |',
      '| none | no REQUEST_METHOD |',
      '| none | the input ended inside the packet |',
      '| none | the packet did not arrive within --header-timeout |',
    ]) {
      assert.ok(refusals.includes(`${row}\n`), row);
    }
  });
});
