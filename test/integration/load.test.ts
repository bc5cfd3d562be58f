import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from '../helpers/command.js';
import { requireProgram } from '../helpers/programs.js';
import { startServer, testApp } from '../helpers/server.js';
import { tempDir } from '../helpers/temp-dir.js';

/** Long enough that connections, batches, templates and pools are reused many times. */
const SECONDS = 2;

interface Shape {
  readonly title: string;
  /** wrk script: what each request is. */
  readonly script: string;
}

const SHAPES: readonly Shape[] = [
  {
    title: 'small requests on kept connections',
    script: `wrk.path = "/length"`,
  },
  {
    title: 'heads that differ from request to request',
    script: `n = 0
      request = function() n = n + 1; return wrk.format("GET", "/environ?n=" .. n, { ["X-Number"] = n }) end`,
  },
  {
    title: 'bodies in memory and in files',
    script: `small, large, n = string.rep("s", 1000), string.rep("l", 200000), 0
      request = function() n = n + 1
        return wrk.format("POST", "/length", {}, n % 20 == 0 and large or small) end`,
  },
  {
    title: 'answers of many pieces, and a connection for each',
    script: `request = function() return wrk.format("GET", "/pieces/4", { ["Connection"] = "close" }) end`,
  },
  {
    title: 'pipelined requests',
    script: `init = function() local one = wrk.format("GET", "/length"); all = string.rep(one, 16) end
      request = function() return all end`,
  },
];

const MODES = [
  { mode: 'loop mode', args: [] },
  { mode: 'pool mode', args: ['--threads', '2'] },
  { mode: 'two workers in pool mode', args: ['--processes', '2', '--threads', '2'] },
];

for (const { mode, args } of MODES) {
  describe(`under load (${mode})`, () => {
    let wrk = '';

    before(function () {
      wrk = requireProgram(this, 'wrk');
    });

    for (const { title, script } of SHAPES) {
      it(`answers everything: ${title}`, async () => {
        const server = await startServer([
          '--disable-logging',
          ...args,
          '--wsgi-file',
          testApp('wire.ts'),
        ]);
        const path = join(tempDir(), 'requests.lua');
        writeFileSync(path, script);
        const options = ['-t', '1', '-c', '32', '-d', String(SECONDS), '--timeout', '20'];
        const report = await outputOf(wrk, [...options, '-s', path, server.url], {
          cwd: tempDir(),
        });
        assert.match(report, /[1-9]\d* requests in/);
        assert.doesNotMatch(report, /Socket errors|Non-2xx/, report);
      });
    }
  });
}
