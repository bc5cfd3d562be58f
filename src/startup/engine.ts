/** How V8 weighs memory against speed. A process that answers requests keeps V8's defaults. */
import { setFlagsFromString } from 'node:v8';

/**
 * `optimize-for-size`: garbage is collected early. `no-opt`: what a second's look runs stays bytecode.
 * `semi-space-growth-factor`: what is garbage at once, documents for those who look, gets 2 MiB and not up to 16.
 * `gc-global`: every collection is a whole one, so that none of those documents grows old (some ms for each MiB made).
 */
const SMALL = [
  '--optimize-for-size',
  '--no-opt',
  '--semi-space-growth-factor=1',
  '--gc-global',
] as const;

/** Whoever has told V8 himself how to weigh is not contradicted. */
const TOLD =
  /--(no-?)?(opt|turbofan|jitless|lite-mode|optimize-for-size|gc-global|\w*-?semi-space-\S*)(?![\w-])/;

/** `nodeOptions`: of the Node.js that runs, its command line's and those of NODE_OPTIONS. */
export function weighsForItself(nodeOptions: readonly string[]): boolean {
  return TOLD.test(nodeOptions.join(' ').replaceAll('_', '-'));
}

function set(flags: readonly string[]): void {
  if (weighsForItself([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''])) return;
  for (const flag of flags) setFlagsFromString(flag);
}

/**
 * While the command line is read: only what a process turns out to be decides whether garbage may take more room than
 * at first. What loading modules has made of that room would stay.
 */
export function startSmall(): void {
  set(['--semi-space-growth-factor=1']);
}

/** For a server without a master: what answers requests has V8's default, which is 2. */
export function growAsNeeded(): void {
  set(['--semi-space-growth-factor=2']);
}

/**
 * For a master, which lives for months on little work beside workers that need the memory. Before its modules are
 * loaded: memory that the start takes is not given back.
 */
export function staySmall(): void {
  set(SMALL);
}

/** For a master with work for each request: its code is compiled, and what it makes is collected cheaply. */
export function optimizeCode(): void {
  set(['--opt', '--no-gc-global']);
}
