import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top directory. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Runs a program with inherited output. Resolves with its exit status, 128 + the signal's number where one ended it; rejects where it cannot be started.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(exitStatus(code, signal)));
  });
}

/** As a shell tells it. */
function exitStatus(code, signal) {
  return code ?? 128 + system.signals[signal];
}

/** Like `run`, and throws where the program fails. */
export async function runOrThrow(program, args, options) {
  const status = await run(program, args, options);
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with status ${status}`);
}

/** Runs a program whose standard output is kept, and its errors where it shall be `quiet`; otherwise both are shown. */
export function runCaptured(program, args, { quiet = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', quiet ? 'pipe' : 'inherit'],
      ...options,
    });
    const chunks = [];
    const errors = [];
    child.stdout.on('data', (chunk) => {
      chunks.push(chunk);
      if (!quiet) process.stdout.write(chunk);
    });
    child.stderr?.on('data', (chunk) => errors.push(chunk));
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({
        status: exitStatus(code, signal),
        output: Buffer.concat(chunks).toString(),
        errors: Buffer.concat(errors).toString(),
      }),
    );
  });
}

/** The path of the first of `names` that is on the PATH, or undefined. */
export function findProgram(...names) {
  for (const name of names) {
    for (const directory of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(directory, name);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
