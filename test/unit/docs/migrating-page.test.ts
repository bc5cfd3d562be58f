import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolveConfig } from '../../../src/config/resolve.js';
import { fakeHost } from '../config/fake-host.js';

const page = readFileSync(
  new URL('../../../docs/migrating-from-uwsgi.md', import.meta.url),
  'utf8',
);
const blocks = [...page.matchAll(/^```ini[^\n]*\n([^]*?)^```$/gm)].map(([, text]) => text ?? '');

function load(text: string, env: Record<string, string>) {
  const files = { '/srv/app.ini': text, '/srv/shop/secret': 's3cret\n' };
  return resolveConfig({ argv: ['app.ini'], env, host: fakeHost(3, files) });
}

describe('docs/migrating-from-uwsgi.md', () => {
  it('has files that load as they stand', () => {
    assert.equal(blocks.length, 2);
    const [first, second] = blocks.map((text) => load(text, { PORT: '8081', DEBUG: '1' }));
    assert.ok(first && second);
    assert.deepEqual(first.warnings, []);
    assert.deepEqual([first.config.chdir, first.config.pidfile], ['/srv/', '/srv/app.pid']);
    assert.equal(first.notes.filter((note) => note.includes('has no effect')).length, 2);
    assert.deepEqual(second.warnings, []);
    assert.deepEqual([second.config.processes, second.config.httpSocket[0]?.text], [4, ':8081']);
    assert.deepEqual(
      second.config.env.map(({ name, value }) => `${name}=${value}`),
      ['SECRET=s3cret', 'FEATURE_one=on', 'FEATURE_two=on'],
    );
    assert.equal(second.config.wsgiFile, 'app.ts');
  });
});
