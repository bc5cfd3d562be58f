/** Small helpers over the document. Text goes in as text, never as markup: URIs and reasons come from outside. */

const SVG = 'http://www.w3.org/2000/svg';

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

export function setText(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

export interface ElementOptions {
  readonly className?: string;
  readonly title?: string;
  readonly children?: readonly (Node | string)[];
}

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { className, title, children = [] }: ElementOptions = {},
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className !== undefined) made.className = className;
  if (title !== undefined) made.title = title;
  made.append(...children);
  return made;
}

export function svgElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly (Node | string)[] = [],
): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

export function pill(text: string, kind: 'good' | 'warn' | 'bad' | 'calm'): HTMLElement {
  return element('span', { className: `pill ${kind}`, children: [text] });
}
