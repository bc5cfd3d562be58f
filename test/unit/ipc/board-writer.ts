/** Writes a loop's part of the scoreboard in the place of the native core. */
import {
  Counter,
  InFlightState,
  Latency,
  Layout,
  type CounterName,
  type LatencyName,
} from '../../../src/ipc/scoreboard-layout.js';
import type { ScoreboardRow } from '../../../src/ipc/scoreboard.js';

export interface WrittenRequest {
  readonly method: string;
  readonly uri: string;
  readonly state: keyof typeof InFlightState;
  readonly sequence?: number;
  readonly startedMicros?: number;
  readonly deadlineMicros?: number;
  readonly version?: number;
}

export class BoardWriter {
  readonly #view: DataView;

  constructor(row: ScoreboardRow, loop = 0) {
    const at = row.offset + Layout.headerBytes + loop * Layout.loopBytes;
    this.#view = new DataView(row.memory, at, Layout.loopBytes);
  }

  counter(name: CounterName, value: number): void {
    this.#word(Counter[name] * 8, value);
  }

  taken(sequence: number): void {
    this.#word(Layout.takenAt, sequence);
  }

  bucket(name: LatencyName, bucket: number, count: number): void {
    this.#word(Layout.latenciesAt + Latency[name] * Layout.latencyBytes + bucket * 8, count);
  }

  request(entry: number, written: WrittenRequest): void {
    const at = Layout.inFlightAt + entry * Layout.inFlightBytes;
    this.#half(at + Layout.versionAt, written.version ?? 2);
    this.#half(at + Layout.stateAt, InFlightState[written.state]);
    this.#half(at + Layout.handleAt, 0x0200_0007);
    this.#half(at + Layout.generationAt, 3);
    this.#word(at + Layout.sequenceAt, written.sequence ?? 0);
    this.#word(at + Layout.startedAt, written.startedMicros ?? 0);
    this.#word(at + Layout.deadlineAt, written.deadlineMicros ?? 0);
    this.#text(at + Layout.methodAt, at + Layout.methodLengthAt, written.method);
    this.#text(at + Layout.uriAt, at + Layout.uriLengthAt, written.uri);
  }

  #text(at: number, lengthAt: number, text: string): void {
    this.#half(lengthAt, text.length);
    for (const [index, byte] of [...Buffer.from(text, 'latin1')].entries())
      this.#view.setUint8(at + index, byte);
  }

  #half(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  #word(at: number, value: number): void {
    this.#view.setBigUint64(at, BigInt(value), true);
  }
}
