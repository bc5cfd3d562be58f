import { readFileSync, writeFileSync } from 'node:fs';
import type { MachineFacts } from './machine.js';

/** One server, one scenario, one round. */
export interface Measurement {
  readonly scenario: string;
  readonly server: string;
  readonly round: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** User and system time of the whole process tree, divided by the requests answered. */
  readonly cpuMicrosecondsPerRequest: number;
  /** 0: not known. wrk's latencies mean nothing where requests are pipelined. */
  readonly p50Microseconds: number;
  readonly p99Microseconds: number;
  /** All processes of the server, right after the load. */
  readonly rssKilobytes: number;
  readonly workerRssKilobytes: number;
  readonly processes: number;
  /** What wrk counted as failed: connections, reads, writes, answers that are not 2xx or 3xx, timeouts. */
  readonly errors: number;
}

/** The figures of a measurement that rounds are summed up for. */
export type Metric = {
  [Key in keyof Measurement]: Measurement[Key] extends number ? Key : never;
}[Exclude<keyof Measurement, 'round'>];

export interface Omission {
  readonly name: string;
  readonly reason: string;
  /** The machine does not let it run: nothing that is not installed. */
  readonly forbidden?: true;
}

/** Resident memory of one worker while it answers millions of requests (rss.ts). */
export interface RssSeries {
  /** When, and of which code: the file may be of another. Absent where nobody took them down. */
  readonly date?: string;
  readonly commit?: string;
  readonly server: string;
  readonly scenario: string;
  readonly samples: readonly { readonly requests: number; readonly workerRssKilobytes: number }[];
}

export interface Results {
  readonly format: 1;
  readonly date: string;
  readonly commit: string;
  readonly machine: MachineFacts;
  /** Version of each program that took part, by the name of its row. */
  readonly versions: Readonly<Record<string, string>>;
  readonly method: {
    readonly rounds: number;
    readonly seconds: number;
    readonly warmupSeconds: number;
    readonly serverCpu: number | null;
    readonly loadCpu: number | null;
    readonly load: string;
  };
  /** What was left out, by name and with the reason. */
  readonly skipped: readonly Omission[];
  /** Pairs that did not start, answered wrongly or broke off. */
  readonly failures: readonly Omission[];
  readonly measurements: readonly Measurement[];
  readonly rss: readonly RssSeries[];
}

export function writeResults(file: string, results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}

export function readResults(file: string): Results {
  const results = JSON.parse(readFileSync(file, 'utf8')) as { readonly format?: number };
  if (results.format !== 1) throw new Error(`${file} is not a results file of this version`);
  return results as Results;
}
