/** How V8 weighs memory against speed. A process that answers requests keeps V8's defaults. */
import { setFlagsFromString } from 'node:v8';

/**
 * `optimize-for-size`: garbage is collected early. `no-opt`: what a second's look runs stays bytecode.
 * `semi-space-growth-factor`: what is garbage at once, documents for those who look, gets 2 MiB and not up to 16.
 */
const SMALL = ['--optimize-for-size', '--no-opt', '--semi-space-growth-factor=1'] as const;

/** Whoever has told V8 himself how to weigh is not contradicted. */
const TOLD =
  /--(no-?)?(opt|turbofan|jitless|lite-mode|optimize-for-size|\w*-?semi-space-\S*)(?![\w-])/;

/** `nodeOptions`: of the Node.js that runs, its command line's and those of NODE_OPTIONS. */
export function weighsForItself(nodeOptions: readonly string[]): boolean {
  return TOLD.test(nodeOptions.join(' ').replaceAll('_', '-'));
}

function set(flags: readonly string[]): void {
  if (weighsForItself([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''])) return;
  for (const flag of flags) setFlagsFromString(flag);
}

/**
 * For a master, which lives for months on little work beside workers that need the memory. Before its modules are
 * loaded: memory that the start takes is not given back.
 */
export function staySmall(): void {
  set(SMALL);
}

/** For a master with work for each request; its memory stays small. */
export function optimizeCode(): void {
  set(['--opt']);
}
