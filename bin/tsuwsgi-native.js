#!/usr/bin/env node
// Starts the compiled command line. Older Nodes get a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  process.stderr.write(
    `tsuwsgi-native: needs Node.js 20.12 or newer, this is ${process.version}\n`,
  );
  process.exit(1);
}

const { main } = await import('../dist/cli/main.js');
process.exit(await main(process.argv.slice(2), process.env));
