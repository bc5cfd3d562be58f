/** The figures at the top, and where a request's time goes. */
import { byId, element, setText, svgElement } from './elements.js';
import { STAGES, type Figures, type Stage, type StatsDocument } from './figures.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMicros,
  formatRate,
  formatShare,
} from './format.js';

export function showStatus(text: string, kind: 'good' | 'warn' | 'bad' | 'calm'): void {
  const status = byId('status');
  status.className = `pill ${kind}`;
  setText('status', text);
}

export function showSummary(document: StatsDocument, figures: Figures | undefined): void {
  const { totals, workers } = document;
  showHeader(document);
  setText('rate', figures === undefined ? '–' : formatRate(figures.requestsPerSecond));
  setText('rate-note', `${formatCount(totals.requests)} since the start`);
  setText('p50', formatMicros(figures?.latency?.p50));
  setText('p99', formatMicros(figures?.latency?.p99));
  setText('failures', figures === undefined ? '–' : formatRate(figures.failuresPerSecond));
  setText(
    'failures-note',
    `${formatCount(totals.answers_5xx)} × 5xx, ${formatCount(totals.exceptions)} exceptions in all`,
  );
  setText('workers-ready', String(document.workers_ready));
  setText('workers-of', `of ${document.workers_wanted} ready`);
  const busy = workers.filter(({ status }) => status === 'busy').length;
  const inFlight = workers.reduce((sum, worker) => sum + worker.in_flight, 0);
  setText('workers-note', `${busy} busy, ${inFlight} request(s) in flight`);
  setText('memory', formatBytes(workers.reduce((sum, { rss }) => sum + rss, 0)));
  setText('memory-note', `workers; the master has ${formatBytes(document.master_rss)}`);
  showStages(figures?.stages);
}

function showHeader(document: StatsDocument): void {
  const { phase, stopping, workers_ready: ready, workers_wanted: wanted } = document;
  if (phase === 'stopping') showStatus(`stopping: ${stopping ?? ''}`, 'warn');
  else if (phase === 'paused') showStatus('paused: new clients wait', 'warn');
  else if (ready === 0 && wanted > 0) showStatus('no worker is ready', 'bad');
  else if (ready < wanted) showStatus(`${ready} of ${wanted} workers ready`, 'warn');
  else showStatus('running', 'good');
  setText('version', document.version);
  const sockets = document.sockets.map(({ name }) => name).join(', ');
  const uptime = formatDuration(document.now - document.started_at);
  setText('where', `${sockets} · ${document.cwd} · master ${document.pid} · up ${uptime}`);
}

const STAGE_WORDS: Readonly<Record<Stage, readonly [string, string]>> = {
  kernel: ['line-b', 'waiting to be read'],
  waiting: ['line-c', 'waiting for JavaScript'],
  javascript: ['line-a', 'in the application'],
  writing: ['line-d', 'sending the answer'],
};

function showStages(stages: Figures['stages']): void {
  const total = stages === undefined ? 0 : STAGES.reduce((sum, stage) => sum + stages[stage], 0);
  const share = (stage: Stage): number => (total === 0 ? 0 : (stages?.[stage] ?? 0) / total);
  let left = 0;
  const bars = STAGES.map((stage) => {
    const width = share(stage) * 100;
    left += width;
    return svgElement('rect', {
      class: STAGE_WORDS[stage][0],
      x: `${(left - width).toFixed(2)}%`,
      width: `${width.toFixed(2)}%`,
      height: '100%',
    });
  });
  const legend = STAGES.map((stage) => {
    const [className, words] = STAGE_WORDS[stage];
    const value = stages === undefined ? '–' : formatMicros(stages[stage]);
    const text = element('span', {
      children: [`${words}: ${value}, ${formatShare(share(stage))}`],
    });
    return element('li', { className, children: [text] });
  });
  byId('stages').replaceChildren(
    svgElement('svg', { role: 'img', 'aria-label': 'shares of a request’s time' }, bars),
    element('ul', { children: legend }),
  );
}
