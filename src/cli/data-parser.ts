/** YAML and JSON as data with line numbers. The package is loaded when the first such file is read. */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { DataDocument, DataEntry, DataNode } from '../config/files/data-document.js';

type YamlPackage = typeof Yaml;
type YamlNode = Yaml.Document['contents'];

interface Reader {
  readonly yaml: YamlPackage;
  readonly lines: Yaml.LineCounter;
  readonly document: Yaml.Document.Parsed;
  readonly json: boolean;
}

export function parseYaml(text: string): DataDocument {
  return parse(text, false);
}

/** JSON is read as JSON first, since YAML forgives more; YAML then knows the lines. */
export function parseJson(text: string): DataDocument {
  try {
    JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      line: lineOfJsonError(text, reason),
      reason: `is no valid JSON: ${reason}`,
    };
  }
  return parse(text, true);
}

function lineOfJsonError(text: string, reason: string): number {
  const position = /position (\d+)/.exec(reason)?.[1];
  return position === undefined ? 0 : text.slice(0, Number(position)).split('\n').length;
}

function parse(text: string, json: boolean): DataDocument {
  const yaml = createRequire(import.meta.url)('yaml') as YamlPackage;
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  if (error !== undefined) {
    return {
      ok: false,
      line: lines.linePos(error.pos[0]).line,
      reason: `is no valid YAML: ${error.message}`,
    };
  }
  return { ok: true, root: toNode(document.contents, { yaml, lines, document, json }) };
}

function toNode(node: YamlNode, reader: Reader): DataNode {
  const line = lineOf(node, reader);
  const { yaml } = reader;
  if (yaml.isAlias(node)) return aliased(node, reader);
  if (yaml.isScalar(node)) return scalar(node, reader, line);
  if (yaml.isSeq(node)) {
    const items = node.items.map((item) => toNode(item as YamlNode, reader));
    return { kind: 'list', items, line };
  }
  if (!yaml.isMap(node)) return { kind: 'nothing', line };
  return { kind: 'map', entries: node.items.map((item) => toEntry(item, reader)), line };
}

/** Only of a value: whole structures that repeat themselves have no place in a list of keys. */
function aliased(node: Yaml.Alias, reader: Reader): DataNode {
  const target = node.resolve(reader.document);
  const line = lineOf(node, reader);
  return reader.yaml.isScalar(target)
    ? scalar(target, reader, line)
    : { kind: 'map', entries: [], line };
}

function toEntry(pair: Yaml.Pair, reader: Reader): DataEntry {
  const key = pair.key as YamlNode;
  const text = toNode(key, reader);
  return {
    key: text.kind === 'scalar' ? text.text.trim() : '',
    value: toNode(pair.value as YamlNode, reader),
    line: lineOf(key, reader),
  };
}

/** As it was written: `0660` stays `0660`, `yes` stays `yes`. Of JSON, true is 1 and false 0, as in uWSGI. */
function scalar(node: Yaml.Scalar, { json }: Reader, line: number): DataNode {
  if (node.value === null)
    return json ? { kind: 'scalar', text: '0', line } : { kind: 'nothing', line };
  if (json && typeof node.value === 'boolean')
    return { kind: 'scalar', text: node.value ? '1' : '0', line };
  if (typeof node.value === 'string') return { kind: 'scalar', text: node.value, line };
  return { kind: 'scalar', text: node.source ?? JSON.stringify(node.value), line };
}

function lineOf(node: YamlNode, { lines }: Reader): number {
  const start = node?.range?.[0];
  return start === undefined ? 0 : lines.linePos(start).line;
}
