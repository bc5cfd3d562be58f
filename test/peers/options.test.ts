/** What docs/uwsgi-compat.md calls supported is what uWSGI has. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isOwnOption } from '../../scripts/lib/own-option.js';
import { namesOf } from '../../src/config/option-index.js';
import type { OptionRow } from '../../src/config/option-row.js';
import { OPTIONS } from '../../src/config/options.js';
import { outputOf } from '../helpers/command.js';
import { requireProgram } from '../helpers/programs.js';
import { tempDir } from '../helpers/temp-dir.js';

/** The plugins that bring options of the table. */
const PLUGINS = 'http,python3,cheaper_busyness';
/** Of versions after Debian's, and of a plugin that Debian leaves out (cheaper_spare2). */
const ELSEWHERE = ['max-requests-delta', 'cheaper-idle'];

function namesThatMustBeKnown(): string[] {
  const rows: readonly OptionRow[] = OPTIONS;
  return rows
    .filter((row) => !isOwnOption(row))
    .flatMap(namesOf)
    .filter((name) => !ELSEWHERE.includes(name));
}

describe('options that the table says are uWSGI has', () => {
  it('are listed by its --help', async function () {
    const uwsgi = requireProgram(this, 'uwsgi');
    const help = await outputOf(uwsgi, ['--plugins', PLUGINS, '--help'], { cwd: tempDir() });
    const known = new Set([...help.matchAll(/--([a-z0-9-]+)/g)].map(([, name]) => name));
    assert.ok(known.size > 500, `${known.size} options`);
    assert.deepEqual(
      namesThatMustBeKnown().filter((name) => !known.has(name)),
      [],
    );
  });
});
