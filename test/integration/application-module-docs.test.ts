import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { get } from '../helpers/get.js';
import { startServer } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TEXT = readFileSync(join(ROOT, 'docs/application-module.md'), 'utf8');

/** The TypeScript of the document, and the heading that it stands below. */
function examples(): { readonly heading: string; readonly source: string }[] {
  return TEXT.split(/^#+ /m).flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/^```ts\n(.*?)^```/gms)].map(([, source = '']) => ({
      heading,
      source,
    }));
  });
}

describe('docs/application-module.md', () => {
  it('has examples', () => assert.ok(examples().length >= 4));

  for (const { heading, source } of examples()) {
    it(`has an example that runs: ${heading}`, async () => {
      const directory = tempFiles({ 'app.ts': source, 'package.json': '{"type":"module"}' });
      mkdirSync(join(directory, 'node_modules'));
      symlinkSync(ROOT, join(directory, 'node_modules', 'tsuwsgi-native'));
      const server = await startServer([
        ...['--processes', '2', '--cache2', 'name=visits,items=100'],
        ...['--wsgi-file', join(directory, 'app.ts')],
      ]);
      const response = await get(server.port, '/');
      assert.ok(response.status < 300, response.text);
      assert.deepEqual(server.log.matching(/failed|Error/), []);
    });
  }

  it('names every function that the package has', () => {
    const index = readFileSync(join(ROOT, 'src/index.ts'), 'utf8');
    const block = /export \{([^}]*)\} from '.\/app\/module.js';/.exec(index)?.[1] ?? '';
    const names = block.split(',').map((name) => name.trim());
    const missing = names.filter(
      (name) => /^[a-z]/.test(name) && !name.startsWith('type ') && !TEXT.includes(`\`${name}`),
    );
    assert.ok(names.length > 30);
    assert.deepEqual(missing, []);
  });
});
