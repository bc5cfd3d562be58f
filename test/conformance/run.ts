/**
 * `npm run conformance [-- --server KIND] [--case TEXT] [--bytewise] [--write FILE]`: the corpus against the servers that
 * are there. Prints the report, or writes it to FILE. Exits with 1 where this server fails a case.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCorpus } from './case-file.js';
import { renderReport, type ServerResult } from './report.js';
import { runCorpus } from './run-corpus.js';
import { CORPUS_DIRECTORY, startServers } from './servers/start-servers.js';

const { values } = parseArgs({
  options: {
    server: { type: 'string', multiple: true },
    case: { type: 'string' },
    bytewise: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
});

const cases = readCorpus(CORPUS_DIRECTORY).filter(({ theme, name }) =>
  `${theme}/${name}`.includes(values.case ?? ''),
);
const results: ServerResult[] = [];
let ownFailures = 0;
for (const start of startServers(values.server)) {
  const server = await start();
  const verdicts = await runCorpus(cases, server, {
    delivery: values.bytewise ? 'bytewise' : 'whole',
  });
  await server.stop();
  results.push({ title: server.title, verdicts });
  if (server.kind === 'native') ownFailures += verdicts.filter(({ pass }) => !pass).length;
}
const report = renderReport(results, cases);
if (values.write === undefined) process.stdout.write(report);
else writeFileSync(values.write, report);
process.exitCode = ownFailures === 0 ? 0 : 1;
