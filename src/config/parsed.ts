/** Outcome of reading a value. The reason continues a sentence whose subject is the text that was given. */
export type Parsed<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

export function valid<Value>(value: Value): Parsed<Value> {
  return { ok: true, value };
}

export function invalid(reason: string): Parsed<never> {
  return { ok: false, reason };
}

/** The values of a list option that validation has accepted already. */
export function accepted<Value>(
  texts: readonly string[],
  parse: (text: string) => Parsed<Value>,
): readonly Value[] {
  return texts.flatMap((text) => {
    const parsed = parse(text);
    return parsed.ok ? [parsed.value] : [];
  });
}

/** The same where each has several in it. */
export function listOf<Value>(
  texts: readonly string[],
  parse: (text: string) => Parsed<readonly Value[]>,
): readonly Value[] {
  return accepted(texts, parse).flat();
}
