/** What the commands of the benchmarks have in common on their command lines. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

export class UsageError extends Error {}

export function readArguments<T extends ParseArgsConfig>(
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message);
  }
}

export function whole(
  name: string,
  given: string | undefined,
  fallback: number,
  least: number,
): number {
  const value = Number(given ?? fallback);
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`--${name} ${given} is not a whole number from ${least}`);
  return value;
}

/** Runs a command; ends with 2 and the usage where it was asked wrongly. */
export async function runCommand(usage: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  }
}
