/** Reads the field `Forwarded` (RFC 7239): an element for each proxy, the nearest last. */
export interface ForwardedElement {
  readonly for?: string;
  readonly proto?: string;
  readonly host?: string;
}

/** A parameter or none, and what ends it. Read so that no text is looked at twice; some proxies leave quotes out. */
const PARAMETER = /(?:([^\s=;,"]+)=(?:([^\s;,"]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*([;,][ \t]*|$)/y;

/** undefined where the field is malformed: nothing of it can be believed. */
export function parseForwarded(text: string): readonly ForwardedElement[] | undefined {
  const rest = text.trim();
  const pattern = new RegExp(PARAMETER);
  const elements: ForwardedElement[] = [];
  let element: Record<string, string> = {};
  while (pattern.lastIndex < rest.length) {
    const found = pattern.exec(rest);
    if (found === null) return undefined;
    const [, name, plain, quoted, end = ''] = found;
    if (name !== undefined) element[name.toLowerCase()] = plain ?? unquoted(quoted ?? '');
    if (end.startsWith(';') && pattern.lastIndex < rest.length) continue;
    if (Object.keys(element).length > 0) elements.push(element);
    element = {};
  }
  return elements;
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
