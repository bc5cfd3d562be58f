import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** Names in the table of the native core, which is what `--log-format` knows. */
function knownVariables(): string[] {
  return [...read('native/server/log_template.cc').matchAll(/^ {4}\{"([^"]+)", /gm)].map(
    ([, name]) => name ?? '',
  );
}

describe('docs/logging.md', () => {
  it('names every variable of request lines', () => {
    const variables = knownVariables();
    assert.ok(variables.length > 40, 'the table was not found');
    const text = read('docs/logging.md');
    const missing = variables.filter((name) => !text.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  });

  it('names every field of JSON request lines', () => {
    const source = read('native/server/access_log.cc');
    const begin = source.indexOf('void AccessLog::add_json');
    const body = source.slice(begin, source.indexOf('\n}\n', begin));
    const fields = [...body.matchAll(/\\"([a-zA-Z]+)\\":/g)].map(([, name]) => name ?? '');
    assert.ok(fields.length > 15, 'the fields were not found');
    const text = read('docs/logging.md');
    assert.deepEqual(
      fields.filter((name) => !text.includes(`\`${name}\``)),
      [],
    );
  });
});
