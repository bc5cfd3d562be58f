/** npm run goals --prefix bench -- RESULTS.json … : met or not, with figures. Exit code 1 where one is not met. */
import { goalRows, goalsText } from './goals-text.js';
import { asTyped } from './paths.js';
import { factsLine } from './report.js';
import { readResults } from './results.js';

const files = process.argv.slice(2).map(asTyped);
if (files.length === 0) throw new Error('which results file?');
for (const file of files) {
  const results = readResults(file);
  console.log(`${factsLine(results)}\n\n${goalsText(results)}\n`);
  if (goalRows(results).some(({ met }) => !met)) process.exitCode = 1;
}
