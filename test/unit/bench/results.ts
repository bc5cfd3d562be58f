import type { Measurement, Results } from '../../../bench/results.js';

/** A measurement in which all that a test does not name is 1. */
export function measurement(given: Partial<Measurement>): Measurement {
  return {
    scenario: 'hello',
    server: 'loop',
    round: 0,
    requests: 1,
    requestsPerSecond: 1,
    cpuMicrosecondsPerRequest: 1,
    p50Microseconds: 1,
    p99Microseconds: 1,
    rssKilobytes: 1,
    workerRssKilobytes: 1,
    processes: 1,
    errors: 0,
    ...given,
  };
}

export function resultsOf(measurements: readonly Measurement[]): Results {
  return {
    format: 1,
    date: '2026-01-01T00:00:00.000Z',
    commit: 'abcdef0',
    machine: {
      cpu: 'a CPU',
      cpus: 2,
      memoryGigabytes: 1,
      kernel: '6',
      arch: 'x64',
      node: '20.1.0',
    },
    versions: {},
    method: { rounds: 1, seconds: 1, warmupSeconds: 0, serverCpu: 0, loadCpu: 1, load: 'wrk' },
    skipped: [],
    failures: [],
    measurements,
    rss: [],
  };
}
