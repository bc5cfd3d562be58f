// Before a package is published: it has a binary for every target that README.md names (CONTRIBUTING.md, "Make a release").
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prebuildProblems } from './lib/prebuilds.mjs';
import { root } from './lib/run.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const problems = prebuildProblems(root, version);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
