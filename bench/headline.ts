import { figure, ratio } from './compare.js';
import { headlineScenario } from './goals.js';
import { baseline, methodText, number, withRange } from './report.js';
import type { Results } from './results.js';
import { servers } from './servers.js';
import { markdownTable } from './table.js';

const scenario = headlineScenario;
const cpu = 'cpuMicrosecondsPerRequest';

function cells(results: Results, server: string): string[] {
  const own = figure(results, scenario, server, cpu);
  const rate = figure(results, scenario, server, 'requestsPerSecond');
  const versus = ratio(results, { scenario, metric: cpu, server, versus: baseline });
  return [
    withRange(own),
    versus === undefined ? '' : `${number(versus.median)} ×`,
    rate === undefined ? '' : number(rate.median),
  ];
}

/** The table of README.md: one row for each server, three columns for each Node. */
export function headline(all: readonly Results[]): string {
  const heads = all.flatMap(({ machine }) => {
    const node = `Node ${machine.node.split('.')[0]}`;
    return [`CPU µs/request, ${node}`, 'of node:http', 'requests/s'];
  });
  const rows = servers
    .filter(({ name }) => all.some((results) => figure(results, scenario, name, cpu) !== undefined))
    .map(({ name, title }) => [title, ...all.flatMap((results) => cells(results, name))]);
  const { machine } = all[0] ?? { machine: undefined };
  const methods = [...new Set(all.map(methodText))];
  const place = machine === undefined ? '' : ` ${machine.cpu}, Linux ${machine.kernel}.`;
  const note = `Hello over 64 connections, the server on one core, wrk on another; median (range) of ${methods.join(' and ')}, interleaved.${place}`;
  return `${markdownTable(['server', ...heads], rows)}\n\n${note}`;
}
