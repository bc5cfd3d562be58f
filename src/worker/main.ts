/**
 * Entry of a worker process. Imported by the command line, it runs a worker in that process
 * instead.
 */
import { pathToFileURL } from 'node:url';
import { runChild } from './child.js';

export { runStandalone } from './standalone.js';

const started = process.argv[1];
if (
  started !== undefined &&
  pathToFileURL(started).href === import.meta.url &&
  process.send !== undefined
)
  runChild();
