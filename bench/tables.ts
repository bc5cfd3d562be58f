/**
 * npm run tables --prefix bench -- RESULTS.json … : writes the tables of README.md and docs/performance.md from results
 * files, one for each Node; files without hello hold the other scenarios. Text between the markers `bench:NAME:start` and
 * `bench:NAME:end` is replaced, the rest stays.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goalHead, goalRows } from './goals-text.js';
import { headline } from './headline.js';
import { replaceBlock } from './markers.js';
import { asTyped, repositoryRoot } from './paths.js';
import { factsLine, scenarioTables } from './report.js';
import { readResults, type Results } from './results.js';
import { rssTable } from './rss-table.js';
import { markdownTable } from './table.js';

function nodeHeading(results: Results, title: string): string {
  return `### ${title}, Node ${results.machine.node.split('.')[0]}`;
}

function goalsSection(results: Results): string {
  return `${nodeHeading(results, 'Goals')}\n\n${markdownTable(
    goalHead,
    goalRows(results).map(({ cells }) => cells),
  )}`;
}

function resultsSection(results: Results): string {
  const tables = scenarioTables(results).map(
    ({ title, head, rows }) => `#### ${title}\n\n${markdownTable(head, rows)}`,
  );
  const memory =
    results.rss.length > 0 ? [`#### memory over time\n\n${rssTable(results.rss)}`] : [];
  return [nodeHeading(results, 'Results'), factsLine(results), ...tables, ...memory].join('\n\n');
}

function rewrite(file: string, blocks: Readonly<Record<string, string>>): void {
  const path = join(repositoryRoot, file);
  const before = readFileSync(path, 'utf8');
  const after = Object.entries(blocks).reduce(
    (text, [name, content]) => replaceBlock(text, name, content),
    before,
  );
  writeFileSync(path, after);
}

function hasHello({ measurements }: Results): boolean {
  return measurements.some(({ scenario }) => scenario === 'hello');
}

const files = process.argv.slice(2).map(asTyped);
if (files.length === 0) throw new Error('which results files?');
const all = files.map(readResults);
const main = all.filter(hasHello);
const others = all.filter((results) => !hasHello(results));
const sections = (results: readonly Results[]): string => results.map(resultsSection).join('\n\n');
if (main.length > 0) {
  rewrite('README.md', { bench: headline(main) });
  rewrite('docs/performance.md', {
    'bench:goals': main.map(goalsSection).join('\n\n'),
    'bench:results': sections(main),
  });
}
if (others.length > 0) rewrite('docs/performance.md', { 'bench:scenarios': sections(others) });
