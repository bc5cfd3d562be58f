/** Splits a corpus file into the lines of its cases and writes out the cases that stand for a family. */

/** Comment lines (`#`) and blank lines are left out; `each a=1 b=2` repeats its case with `{}` replaced. */
export function expand(text: string): string[][] {
  return split(text).flatMap(expandFamily);
}

function split(text: string): string[][] {
  const blocks: string[][] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('case ')) blocks.push([]);
    const block = blocks[blocks.length - 1];
    if (block === undefined) throw new Error(`a line before the first case: ${line}`);
    block.push(line);
  }
  return blocks;
}

function expandFamily(block: string[]): string[][] {
  const at = block.findIndex((line) => line.startsWith('each '));
  const family = block[at];
  if (family === undefined) return [block];
  const rest = block.filter((_, index) => index !== at);
  return family
    .slice('each '.length)
    .split(' ')
    .map((member) => expandMember(rest, member));
}

/** A member is `name=text`. The case's name gets `-name`; every `{}` becomes the text, in which `\s` is a space. */
function expandMember(block: readonly string[], member: string): string[] {
  const [, name, text] = /^([^=]+)=(.*)$/.exec(member) ?? [];
  if (name === undefined || text === undefined) throw new Error(`not "name=text": ${member}`);
  const value = text.replaceAll('\\s', ' ');
  return block.map((line, index) =>
    index === 0 ? line.replace(/^(case \S+)/, `$1-${name}`) : line.split('{}').join(value),
  );
}
