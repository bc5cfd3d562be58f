/** The pairs of a YAML or JSON document: one mapping below the section's name, lists repeat their key. */
import type { DataDocument, DataEntry, DataNode } from './data-document.js';
import { type FileContent, type LineRemark, missingSection, type Pair } from './file-content.js';

export function readData(document: DataDocument, section: string): FileContent {
  if (!document.ok) return broken({ line: document.line, text: document.reason });
  const { root } = document;
  if (root.kind !== 'map')
    return broken({ line: root.line, text: `is no mapping; ${section}: belongs first` });
  const found = root.entries.filter(({ key }) => key === section);
  if (found.length === 0)
    return broken(
      missingSection(
        section,
        root.entries.map(({ key }) => key),
      ),
    );
  const pairs: Pair[] = [];
  const problems: LineRemark[] = [];
  for (const { value, line } of found) {
    if (value.kind === 'map') for (const entry of value.entries) addEntry(entry, pairs, problems);
    else if (value.kind !== 'nothing')
      problems.push({ line, text: `${section} is no mapping of keys` });
  }
  return { pairs, problems };
}

function broken(problem: LineRemark): FileContent {
  return { pairs: [], problems: [problem] };
}

/** Keys without a value are dropped, as uWSGI does. */
function addEntry({ key, value, line }: DataEntry, pairs: Pair[], problems: LineRemark[]): void {
  const nodes: readonly DataNode[] = value.kind === 'list' ? value.items : [value];
  for (const node of nodes) {
    if (node.kind === 'scalar') pairs.push({ key, value: node.text, line: node.line });
    else if (node.kind !== 'nothing')
      problems.push({
        line: node.line,
        text: `${key}: is nested; accepted: a value or a list of values`,
      });
  }
  if (key === '') problems.push({ line, text: 'there is an empty key' });
}
