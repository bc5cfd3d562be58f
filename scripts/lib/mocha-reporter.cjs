'use strict';

// mocha's own output for people, and the same result as a file for the summary.
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Runner.constants;

class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { suite, output } = options.reporterOptions;
    const failures = [];
    const skipped = [];
    runner.on(EVENT_TEST_FAIL, (test) => failures.push(test.fullTitle()));
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.once(EVENT_RUN_END, () => {
      const { passes } = runner.stats;
      const result = { suite, passed: passes, failed: failures.length, failures, skipped };
      writeFileSync(output, `${JSON.stringify(result)}\n`);
    });
  }
}

module.exports = CountingReporter;
