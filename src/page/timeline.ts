/** What the page remembers: the last looks at the statistics, and the lines of its charts. */
import { SPAN_SECONDS, type Point } from './chart.js';
import { comparable, figuresBetween, type Figures, type StatsDocument } from './figures.js';

/** Figures in words are over this time, so that they can be read; lines show every look. */
const WINDOW_SECONDS = 5;

export class Timeline {
  readonly throughput: Point[] = [];
  readonly latency: Point[] = [];
  #documents: StatsDocument[] = [];

  /** Over the last seconds; undefined at the first look, and at the first one of a server that was started anew. */
  add(document: StatsDocument): Figures | undefined {
    const last = this.#documents.at(-1);
    if (last !== undefined && !comparable(last, document)) {
      if (last.pid === document.pid && last.now >= document.now) return undefined;
      this.#documents = [];
    }
    this.#documents.push(document);
    const previous = this.#documents.at(-2);
    if (previous === undefined) return undefined;
    this.#addPoints(figuresBetween(previous, document), document.now);
    while ((this.#documents[1]?.now ?? document.now) <= document.now - WINDOW_SECONDS)
      this.#documents.shift();
    const [first = previous] = this.#documents;
    return figuresBetween(first, document);
  }

  #addPoints(figures: Figures, time: number): void {
    const { requestsPerSecond, failuresPerSecond, latency } = figures;
    this.throughput.push({ time, values: [requestsPerSecond, failuresPerSecond] });
    this.latency.push({ time, values: [latency?.p50, latency?.p90, latency?.p99] });
    for (const points of [this.throughput, this.latency])
      while ((points[0]?.time ?? time) < time - SPAN_SECONDS) points.shift();
  }
}
