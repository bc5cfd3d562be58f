import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { listFiles } from './fingerprint.mjs';
import { root } from './run.mjs';

const LINK = /\[[^\]]*\]\(([^()\s]+)\)/g;
const FENCE = /^```[\s\S]*?^```/gm;

/** Links of the repository's own Markdown that lead to no file, or to no heading of a file. */
export function brokenLinks() {
  const files = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'docs',
    'test',
    'bench',
    'native',
    'examples',
    'scripts',
  ]
    .flatMap((path) => listFiles(join(root, path), (file) => file.endsWith('.md')))
    .filter((file) => !file.includes('/node_modules/'));
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8').replace(FENCE, '');
    return [...text.matchAll(LINK)]
      .map(([, target]) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(file, target))
      .map((target) => `${relative(root, file)}: ${target}`);
  });
}

function leadsSomewhere(file, target) {
  const [path, anchor] = target.split('#');
  const destination = path === '' ? file : join(dirname(file), path);
  if (!existsSync(destination)) return false;
  return anchor === undefined || anchors(destination).has(anchor);
}

function anchors(file) {
  const headings = readFileSync(file, 'utf8')
    .replace(FENCE, '')
    .matchAll(/^#+ (.*)$/gm);
  return new Set([...headings].map(([, heading]) => slug(heading)));
}

function slug(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
