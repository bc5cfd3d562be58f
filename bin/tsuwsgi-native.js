#!/usr/bin/env node
// Starts the compiled command line. Older Nodes and a checkout that is not built get a sentence instead of a stack.
import { existsSync } from 'node:fs';

const ENTRY = new URL('../dist/cli/main.js', import.meta.url);
const ENGINE = new URL('../dist/startup/engine.js', import.meta.url);

function obstacle() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 12)) {
    return `needs Node.js 20.12 or newer, this is ${process.version}`;
  }
  return existsSync(ENTRY) ? undefined : 'is not built: run `npm run build` in its directory';
}

const problem = obstacle();
if (problem !== undefined) {
  process.stderr.write(`tsuwsgi-native: ${problem}\n`);
  process.exit(1);
}

// Before the command line is loaded, so that what loading leaves behind stays small.
(await import(ENGINE.href)).startSmall();
const { main } = await import(ENTRY.href);
process.exit(await main(process.argv.slice(2), process.env));
