import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pidfiles } from '../../../src/cli/pidfiles.js';
import { ConfigError } from '../../../src/errors.js';
import { recordingLogger } from './recording-logger.js';

describe('pidfiles', () => {
  let directory = '';
  const at = (name: string) => join(directory, name);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pidfiles-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function make(options: { pidfile?: string; safePidfile?: string; vacuum?: boolean }) {
    const { logger, lines } = recordingLogger();
    const { pidfile, safePidfile, vacuum = true } = options;
    return { files: new Pidfiles({ pidfile, safePidfile, vacuum }, logger, directory), lines };
  }

  it('hold the pid while the server runs, below the directory it was started in', () => {
    const { files } = make({ pidfile: 'early.pid', safePidfile: 'safe.pid' });
    files.writeEarly();
    assert.equal(readFileSync(at('early.pid'), 'utf8'), `${process.pid}\n`);
    assert.equal(existsSync(at('safe.pid')), false);
    files.writeSafe();
    assert.equal(readFileSync(at('safe.pid'), 'utf8'), `${process.pid}\n`);
    files.remove();
    assert.deepEqual([existsSync(at('early.pid')), existsSync(at('safe.pid'))], [false, false]);
  });

  it('stay without vacuum', () => {
    const { files } = make({ pidfile: 'a.pid', vacuum: false });
    files.writeEarly();
    files.remove();
    assert.ok(existsSync(at('a.pid')));
  });

  it('of somebody else, and missing ones, are left alone', () => {
    const { files, lines } = make({ pidfile: 'a.pid', safePidfile: 'none.pid' });
    writeFileSync(at('a.pid'), `${process.pid + 1}\n`);
    files.remove();
    assert.ok(existsSync(at('a.pid')));
    assert.deepEqual(lines, []);
  });

  it('that cannot be written stop the start, or are reported once the server runs', () => {
    const { files, lines } = make({ pidfile: 'no/a.pid', safePidfile: 'no/b.pid' });
    assert.throws(() => files.writeEarly(), ConfigError);
    files.writeSafe();
    assert.match(
      lines.at(-1) ?? '',
      /^error: --safe-pidfile .*no\/b\.pid: there is no such directory/,
    );
  });
});
