import { judgeFlatness } from './flatness.js';
import type { RssSeries } from './results.js';
import { markdownTable } from './table.js';

function megabytes(kilobytes: number): string {
  return (kilobytes / 1024).toFixed(1);
}

export function rssTable(all: readonly RssSeries[]): string {
  const rows = all.map((series) => {
    const { firstMillion, lastMillion, growth, flat } = judgeFlatness(series);
    const millions = ((series.samples.at(-1)?.requests ?? 0) / 1e6).toFixed(1);
    return [
      series.commit === undefined ? series.server : `${series.server}, ${series.commit}`,
      millions,
      megabytes(firstMillion),
      megabytes(lastMillion),
      `${megabytes(growth)} (${flat ? 'flat' : 'not flat'})`,
    ];
  });
  return markdownTable(
    ['worker', 'million requests', 'MB in the first million', 'MB in the last', 'growth, MB'],
    rows,
  );
}
