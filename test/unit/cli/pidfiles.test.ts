import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

  interface Options {
    readonly pidfile?: string;
    readonly pidfile2?: string;
    readonly safePidfile?: string;
    readonly safePidfile2?: string;
    readonly vacuum?: boolean;
  }

  function make(options: Options, left?: ConstructorParameters<typeof Pidfiles>[3]) {
    const { logger, lines } = recordingLogger();
    const { pidfile, pidfile2, safePidfile, safePidfile2, vacuum = true } = options;
    const given = { pidfile, pidfile2, safePidfile, safePidfile2, vacuum };
    return { files: new Pidfiles(given, logger, directory, left), lines };
  }

  it('hold the pid while the server runs, below the directory it was started in', () => {
    const { files } = make({ pidfile: 'early.pid', safePidfile: 'safe.pid' });
    files.writeEarly();
    assert.equal(readFileSync(at('early.pid'), 'utf8'), `${process.pid}\n`);
    assert.equal(existsSync(at('safe.pid')), false);
    files.writeSafe();
    assert.equal(readFileSync(at('safe.pid'), 'utf8'), `${process.pid}\n`);
    files.close();
    assert.deepEqual([existsSync(at('early.pid')), existsSync(at('safe.pid'))], [false, false]);
  });

  it('have a second one for when privileges are dropped, and for when all are ready', () => {
    const { files } = make({ pidfile2: 'second.pid', safePidfile2: 'safe2.pid' });
    files.writeEarly();
    assert.equal(existsSync(at('second.pid')), false);
    files.writeSecond();
    assert.ok(existsSync(at('second.pid')));
    files.writeSafe();
    assert.ok(existsSync(at('safe2.pid')));
    files.close();
    assert.deepEqual([existsSync(at('second.pid')), existsSync(at('safe2.pid'))], [false, false]);
    assert.throws(() => make({ pidfile2: '/nonexistent/x' }).files.writeSecond(), ConfigError);
  });

  it('stay without vacuum', () => {
    const { files } = make({ pidfile: 'a.pid', vacuum: false });
    files.writeEarly();
    files.close();
    assert.ok(existsSync(at('a.pid')));
  });

  it('of somebody else, and missing ones, are left alone', () => {
    const { files, lines } = make({ pidfile: 'a.pid', safePidfile: 'none.pid' });
    writeFileSync(at('a.pid'), `${process.pid + 1}\n`);
    files.close();
    assert.ok(existsSync(at('a.pid')));
    assert.deepEqual(lines, []);
  });

  it('are the next server’s after a hand-over, which writes them by the descriptors that it got', () => {
    const { files } = make({ pidfile: 'a.pid', safePidfile: 'gone.pid' });
    files.writeEarly();
    files.writeSafe();
    const pidfiles = files.open.map((file) => ({ ...file, fd: openSync(file.path, 'r+') }));
    files.handOver();
    files.close();
    assert.ok(existsSync(at('a.pid')));
    const longer = `${process.pid}0\n`;
    writeFileSync(at('a.pid'), longer);
    const { ino } = statSync(at('a.pid'));
    const { files: next } = make({ pidfile: 'a.pid' }, { pid: process.pid, pidfiles });
    assert.equal(readFileSync(at('a.pid'), 'utf8'), longer);
    next.writeAll();
    assert.equal(readFileSync(at('a.pid'), 'utf8'), `${process.pid}\n`);
    assert.equal(statSync(at('a.pid')).ino, ino);
    assert.equal(existsSync(at('gone.pid')), false);
    next.close();
  });

  it('are kept by each option that names the same one', () => {
    const same = { pidfile: 'a.pid', safePidfile: 'a.pid' };
    const { files: old } = make(same);
    old.writeEarly();
    old.writeSafe();
    const pidfiles = old.open.map((file) => ({ ...file, fd: openSync(file.path, 'r+') }));
    const { files } = make(same, { pid: process.pid, pidfiles });
    old.handOver();
    old.close();
    files.writeAll();
    const others = pidfiles.map(() => openSync('/dev/null', 'r'));
    files.close();
    for (const fd of others) closeSync(fd);
  });

  it('may be what is no file, also what has no positions', () => {
    const fifo = at('fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const { files, lines } = make({ pidfile: '/dev/null', pidfile2: fifo, vacuum: false });
    files.writeEarly();
    files.writeSecond();
    files.close();
    const got = Buffer.alloc(20);
    assert.equal(got.toString('utf8', 0, readSync(reader, got)), `${process.pid}\n`);
    closeSync(reader);
    assert.deepEqual(
      lines,
      ['/dev/null', fifo].map((path) => `fact: writing pidfile to ${path}`),
    );
  });

  it('are made anew where somebody removed or replaced them', () => {
    const { files } = make({ pidfile: 'a.pid' });
    files.writeEarly();
    renameSync(at('a.pid'), at('moved'));
    files.writeAll();
    assert.equal(readFileSync(at('a.pid'), 'utf8'), `${process.pid}\n`);
    files.close();
  });

  it('that cannot be written stop the start, or are reported once the server runs', () => {
    const { files, lines } = make({ pidfile: 'no/a.pid', safePidfile: 'no/b.pid' });
    assert.throws(() => files.writeEarly(), ConfigError);
    files.writeSafe();
    files.close();
    assert.match(
      lines.at(-1) ?? '',
      /^error: --safe-pidfile .*no\/b\.pid cannot be written: there is no such directory/,
    );
  });
});
