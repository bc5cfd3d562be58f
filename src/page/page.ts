/** Looks at the statistics once a second and draws them. Stops looking while nobody sees the page. */
import { Chart } from './chart.js';
import { byId } from './elements.js';
import { parseDocument, type StatsDocument } from './figures.js';
import { formatMicros, formatRate } from './format.js';
import { isTurn, showEvents, showRunning, showWorkers } from './lists.js';
import { showStatus, showSummary } from './summary.js';
import { Timeline } from './timeline.js';

const INTERVAL_MS = 1000;
/** A look that takes longer is given up, so that the next one can be tried. */
const PATIENCE_MS = 5000;

const timeline = new Timeline();
const throughput = new Chart(byId('throughput'), {
  lines: ['line-a', 'line-d'],
  format: formatRate,
  label: 'requests per second over the last five minutes',
});
const latency = new Chart(byId('latency'), {
  lines: ['line-a', 'line-b', 'line-c'],
  format: formatMicros,
  label: 'latency percentiles over the last five minutes',
});

async function look(): Promise<StatsDocument> {
  const answer = await fetch('stats', {
    cache: 'no-store',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return parseDocument(await answer.text());
}

function draw(document: StatsDocument): void {
  const figures = timeline.add(document);
  const marks = document.events.filter(isTurn).map(({ time }) => time);
  showSummary(document, figures);
  throughput.draw(timeline.throughput, marks, document.now);
  latency.draw(timeline.latency, marks, document.now);
  showWorkers(document, figures);
  showRunning(document);
  showEvents(document);
}

async function turn(): Promise<void> {
  if (document.visibilityState === 'visible') {
    const seen = await look().catch(() => undefined);
    if (seen === undefined) showStatus('not reachable', 'bad');
    else draw(seen);
  }
  setTimeout(() => void turn(), INTERVAL_MS);
}

void turn();
