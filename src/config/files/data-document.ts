/** A YAML or JSON document as plain data with line numbers. The parser itself is the host's. */
export type DataNode =
  | { readonly kind: 'scalar'; readonly text: string; readonly line: number }
  /** `null`, or nothing behind the colon. */
  | { readonly kind: 'nothing'; readonly line: number }
  | { readonly kind: 'list'; readonly items: readonly DataNode[]; readonly line: number }
  | { readonly kind: 'map'; readonly entries: readonly DataEntry[]; readonly line: number };

export interface DataEntry {
  readonly key: string;
  readonly value: DataNode;
  readonly line: number;
}

export type DataDocument =
  | { readonly ok: true; readonly root: DataNode }
  | { readonly ok: false; readonly line: number; readonly reason: string };
