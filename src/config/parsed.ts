/** Outcome of reading a value. The reason continues a sentence whose subject is the text that was given. */
export type Parsed<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

export function valid<Value>(value: Value): Parsed<Value> {
  return { ok: true, value };
}

export function invalid(reason: string): Parsed<never> {
  return { ok: false, reason };
}
