/** Where a syntax error is. Node knows, and tells only those who let the error end the process. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `file:line` or `file:line:column`. */
export type Position = string;

const CHECK_LIMIT_MS = 10_000;
const MOST_FILES = 50;
const LOCATION = /^(\/.+|file:\/\/\S+):(\d+)$/m;
const CARET = /^( *)\^+\s*$/m;
/** esbuild's form. */
const TRANSFORM_ERROR = /^(\/.+?:\d+:\d+): ERROR: (.*)$/m;

/** Position and message of a TransformError, by which tsx reports a syntax error. */
export function transformError(error: Error): { position: Position; message: string } | undefined {
  const match = TRANSFORM_ERROR.exec(error.message);
  return match === null ? undefined : { position: match[1] as string, message: match[2] as string };
}

/**
 * The position in what Node prints above a SyntaxError: `file:line`, the line, and a caret below
 * it.
 */
export function positionIn(text: string): Position | undefined {
  const location = LOCATION.exec(text);
  if (location === null) return undefined;
  const [, place, line] = location as unknown as [string, string, string];
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  const caret = CARET.exec(text.slice(location.index));
  return caret === null ? `${file}:${line}` : `${file}:${line}:${(caret[1] as string).length + 1}`;
}

/**
 * Asks Node about the file and the files it imports by a relative path, until one of them does not
 * parse.
 */
export function findSyntaxError(file: string): Position | undefined {
  const queue = [file];
  const seen = new Set(queue);
  for (const next of queue) {
    const position = check(next);
    if (position !== undefined) return position;
    for (const imported of relativeImports(next)) {
      if (seen.has(imported) || seen.size >= MOST_FILES) continue;
      seen.add(imported);
      queue.push(imported);
    }
  }
  return undefined;
}

function check(file: string): Position | undefined {
  const { status, stderr } = spawnSync(process.execPath, ['--check', file], {
    encoding: 'utf8',
    timeout: CHECK_LIMIT_MS,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return status === 0 ? undefined : positionIn(stderr);
}

const RELATIVE_IMPORT = /(?:from|import|require\()\s*['"](\.\.?\/[^'"]+\.[mc]?js)['"]/g;

function relativeImports(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(RELATIVE_IMPORT)]
    .map((match) => resolve(dirname(file), match[1] as string))
    .filter((path) => existsSync(path));
}
