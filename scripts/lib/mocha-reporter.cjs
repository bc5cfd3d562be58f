'use strict';

// mocha's own output for people, and the same result as a file for the summary.
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

/** How many milliseconds a run may go on after its last test; what goes on longer was started and never stopped. */
const SETTLE_MS = 20_000;

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Runner.constants;

class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { suite, output, settle = SETTLE_MS } = options.reporterOptions;
    const failures = [];
    const skipped = [];
    runner.on(EVENT_TEST_FAIL, (test) => failures.push(test.fullTitle()));
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.once(EVENT_RUN_END, () => {
      const { passes, duration: milliseconds } = runner.stats;
      const write = () => {
        const counts = { passed: passes, failed: failures.length, milliseconds };
        writeFileSync(output, `${JSON.stringify({ suite, ...counts, failures, skipped })}\n`);
      };
      write();
      endWhatGoesOn(Number(settle), (left) => {
        failures.push(`the run did not end by itself: ${left}`);
        write();
      });
    });
  }
}

/** A request loop that nobody stopped keeps the process alive for ever: it is reported and ended. */
function endWhatGoesOn(settle, report) {
  const timer = setTimeout(() => {
    const left = process.getActiveResourcesInfo().join(', ');
    report(left);
    process.stderr.write(`still active after the last test: ${left}\n`);
    process.exit();
  }, settle);
  timer.unref();
}

module.exports = CountingReporter;
