/** From positions in the code that runs to positions in the source that was written. */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Positions count from 1, as editors do. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The text of the line, where the source can be read. */
  readonly text: string | undefined;
}

/** A script that the process has compiled: where it came from, and its text with the comment that names its map. */
export interface Script {
  readonly url: string;
  readonly source: string;
}

/** Lines are shown in a log, so their length has a limit. */
const MOST_TEXT = 160;
const MAP_COMMENT = /\/\/[#@] sourceMappingURL=(\S+)\s*$/;
const INLINE_MAP = /^data:application\/json[^,]*?(;base64)?,(.*)$/s;

/** `line` and `column` count from 0. */
export function sourcePosition(script: Script, line: number, column: number): SourcePosition {
  const file = filePath(script.url);
  const entry = mapOf(script, file)?.findEntry(line, column);
  if (entry === undefined || !('originalSource' in entry)) {
    const text = script.source.split('\n')[line];
    return { file, line: line + 1, column: column + 1, text: shown(text) };
  }
  const original = originalFile(entry.originalSource, file);
  return {
    file: original,
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
    text: shown(readText(original)?.split('\n')[entry.originalLine]),
  };
}

/** Loaders mark modules with queries; the file has none. */
function filePath(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url.replace(/[?#].*$/, ''));
  } catch {
    return url;
  }
}

/** The source may be named by a URL, a path, or a path from where the script is. */
function originalFile(source: string, scriptFile: string): string {
  return source.startsWith('file:') ? filePath(source) : resolve(dirname(scriptFile), source);
}

function mapOf({ source }: Script, file: string): SourceMap | undefined {
  const name = MAP_COMMENT.exec(lastLine(source))?.[1];
  const text = name === undefined ? undefined : mapText(name, file);
  if (text === undefined) return undefined;
  try {
    return new SourceMap(JSON.parse(text) as SourceMapPayload);
  } catch {
    return undefined;
  }
}

function lastLine(source: string): string {
  const trimmed = source.trimEnd();
  return trimmed.slice(trimmed.lastIndexOf('\n') + 1);
}

function mapText(name: string, file: string): string | undefined {
  const inline = INLINE_MAP.exec(name);
  if (inline === null) return readText(resolve(dirname(file), name));
  const [, base64, data = ''] = inline;
  return base64 === undefined
    ? decodeURIComponent(data)
    : Buffer.from(data, 'base64').toString('utf8');
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function shown(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === undefined || trimmed === '' ? undefined : trimmed.slice(0, MOST_TEXT);
}
