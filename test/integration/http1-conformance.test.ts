import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readCorpus } from '../conformance/case-file.js';
import { runCorpus } from '../conformance/run-corpus.js';
import type { Delivery } from '../conformance/run-case.js';
import { startNative, type Mode } from '../conformance/servers/native.js';
import { CORPUS_DIRECTORY } from '../conformance/servers/start-servers.js';
import type { Verdict } from '../conformance/verdict.js';
import { tempDir } from '../helpers/temp-dir.js';

/** Cases wait for timeouts; hundreds of them take a while on a busy machine. */
const RUN_LIMIT_MS = 300_000;

function failures(verdicts: readonly Verdict[]): string[] {
  return verdicts
    .filter(({ pass }) => !pass)
    .map(
      ({ wire, reason, hung }) => `${wire.theme}/${wire.name}: ${hung ? 'hang: ' : ''}${reason}`,
    );
}

describe('the wire corpus', function () {
  this.timeout(RUN_LIMIT_MS);
  const cases = readCorpus(CORPUS_DIRECTORY);

  const modes: readonly Mode[] = ['loop', 'pool'];
  const deliveries: readonly Delivery[] = ['whole', 'bytewise'];
  for (const mode of modes) {
    for (const delivery of deliveries) {
      it(`passes in ${mode} mode, delivered ${delivery}`, () => passes(mode, delivery));
    }
    it(`passes in ${mode} mode where bodies are streamed`, () =>
      passes(mode, 'whole', ['--post-buffering', '0', '--callable', 'streaming']));
  }

  async function passes(mode: Mode, delivery: Delivery, more: readonly string[] = []) {
    const server = await startNative(join(tempDir(), 'runs.log'), mode, more);
    const verdicts = await runCorpus(cases, server, { delivery });
    assert.deepEqual(failures(verdicts), []);
  }
});
