import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function filesBelow(directory: string, extensions: readonly string[]): string[] {
  if (!existsSync(join(root, directory))) return [];
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => extensions.some((extension) => file.endsWith(extension)))
    .map((file) => posix.join(directory, file));
}

/** Without comments: an example in one is no import. */
function code(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

const STATIC_IMPORT = /^\s*(import|export)(\s+type)?\s[^;'"]*?from\s*['"]([^'"]+)['"]/gm;
const OTHER_IMPORT = /(?<!['-])\bimport(?!')\s*\(?\s*['"]([^'"]+)['"]/g;

function typescriptImports(file: string): Import[] {
  const text = code(file);
  const withNames = [...text.matchAll(STATIC_IMPORT)].map((match) => ({
    file,
    target: match[3] ?? '',
    typeOnly: match[2] !== undefined,
  }));
  const others = [...text.matchAll(OTHER_IMPORT)].map((match) => ({
    file,
    target: match[1] ?? '',
    typeOnly: false,
  }));
  return [...withNames, ...others];
}

/** `src/worker/main.ts` → `worker`; files directly in src/ stand for themselves. */
function layerOf(path: string): string {
  const [, first = '', ...rest] = path.split('/');
  return rest.length > 0 ? first : first.replace(/\.ts$/, '');
}

function resolved(item: Import): string {
  return posix.join(dirname(item.file), item.target).replace(/\.js$/, '.ts');
}

/** What each folder of src/ may import besides itself. `config (types)`: type imports only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  util: [],
  errors: [],
  app: ['util/timetable'],
  config: ['util', 'errors', 'binding/native (types)'],
  ipc: ['util', 'errors', 'config (types)', 'binding (types)'],
  log: ['util', 'config (types)'],
  binding: ['util', 'errors', 'config (types)', 'app/cache-backend (types)'],
  startup: ['binding', 'config', 'log', 'util'],
  worker: ['startup', 'binding', 'ipc', 'log', 'app', 'config', 'util', 'errors'],
  router: ['worker', 'binding', 'log', 'app', 'config'],
  supervisor: ['startup', 'binding', 'ipc', 'log', 'config', 'util', 'errors'],
  // What a browser loads; `top` reads the same figures.
  page: [],
  cli: [
    ...['config', 'supervisor', 'startup', 'binding', 'ipc/exit-codes', 'log', 'util', 'errors'],
    ...['page/figures', 'page/format'],
  ],
  index: ['config', 'supervisor', 'errors', 'app'],
};

function allowed(item: Import): boolean {
  const from = layerOf(item.file);
  const path = resolved(item);
  const to = layerOf(path);
  if (from === to) return true;
  const exact = path.replace(/^src\//, '').replace(/\.ts$/, '');
  const rules = MAY_IMPORT[from] ?? [];
  const named = rules.some((rule) => rule === to || rule === exact);
  return (
    named || (item.typeOnly && rules.some((r) => r === `${to} (types)` || r === `${exact} (types)`))
  );
}

describe('layers in TypeScript', () => {
  const imports = filesBelow('src', ['.ts']).flatMap(typescriptImports);
  const ours = imports.filter(({ target }) => target.startsWith('.'));

  it('finds the imports', () => assert.ok(ours.length > 30, String(ours.length)));

  it('knows every folder', () => {
    const layers = new Set(filesBelow('src', ['.ts']).map(layerOf));
    assert.deepEqual(
      [...layers].filter((layer) => !(layer in MAY_IMPORT)),
      [],
    );
  });

  it('imports only to the right', () => {
    const wrong = ours.filter((item) => !allowed(item));
    assert.deepEqual(
      wrong.map(({ file, target }) => `${file} imports ${target}`),
      [],
    );
  });

  it('does no I/O in config and util beyond reading the package', () => {
    const pure = /^node:(net|path|os|url|v8)$/;
    const wrong = imports
      .filter(({ file }) => ['config', 'app', 'errors', 'util'].includes(layerOf(file)))
      .filter(({ file, typeOnly }) => !typeOnly && file !== 'src/util/version.ts')
      .filter(({ target }) => !target.startsWith('.') && !pure.test(target));
    assert.deepEqual(wrong, []);
  });

  it('loads the addon in one place', () => {
    const wrong = imports.filter(({ target }) => /node-gyp-build|\.node$/.test(target));
    assert.deepEqual(
      [...new Set(wrong.map(({ file }) => file))].filter((f) => f !== 'src/binding/load.ts'),
      [],
    );
  });
});

const NATIVE_MAY_INCLUDE: Readonly<Record<string, readonly string[]>> = {
  base: ['base'],
  net: ['net', 'base'],
  proto: ['proto', 'base'],
  server: ['server', 'net', 'proto', 'base'],
  shared: ['shared', 'base'],
  binding: ['binding', 'server', 'shared', 'net', 'proto', 'base'],
};

/** System headers that only one layer may see, and that layer. */
const HEADERS_OF: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(napi|node_api|js_native_api)[^/]*\.h$/, ['binding']],
  [/^uv\.h$/, ['binding']],
  [
    /^(sys\/(socket|epoll|un|sendfile)\.h|netinet\/.*|arpa\/.*|netdb\.h|linux\/io_uring\.h)$/,
    ['net'],
  ],
  [/^(thread|pthread\.h)$/, ['server', 'shared', 'binding', 'base']],
];

/** Headers of a system call: the parsers get bytes and return events. */
const INPUT_OUTPUT =
  /^(sys\/.*|unistd\.h|fcntl\.h|poll\.h|fstream|iostream|cstdio|stdio\.h|signal\.h|csignal)$/;

interface Include {
  readonly file: string;
  readonly layer: string;
  readonly header: string;
  readonly ours: boolean;
}

function includes(): Include[] {
  return filesBelow('native', ['.h', '.cc']).flatMap((file) => {
    const layer = file.split('/')[1] ?? '';
    return [...code(file).matchAll(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/gm)].map((match) => ({
      file,
      layer,
      header: match[2] ?? '',
      ours: match[1] === '"',
    }));
  });
}

/** `native/proto/x.h` is written `proto/x.h`, or without a folder by its neighbours. */
function targetLayer(item: Include): string {
  const [first = ''] = item.header.split('/');
  return first in NATIVE_MAY_INCLUDE ? first : item.layer;
}

describe('layers in C++', () => {
  const all = includes();

  it('finds the includes', () => assert.ok(all.length > 10, String(all.length)));

  it('knows every folder', () => {
    assert.deepEqual(
      [...new Set(all.map(({ layer }) => layer))].filter((l) => !(l in NATIVE_MAY_INCLUDE)),
      [],
    );
  });

  it('includes only to the right', () => {
    const wrong = all
      .filter(({ ours }) => ours)
      .filter((item) => !(NATIVE_MAY_INCLUDE[item.layer] ?? []).includes(targetLayer(item)));
    assert.deepEqual(
      wrong.map(({ file, header }) => `${file} includes ${header}`),
      [],
    );
  });

  it('keeps Node, sockets and threads in their layers', () => {
    const wrong = all.filter(({ header, layer }) =>
      HEADERS_OF.some(([pattern, layers]) => pattern.test(header) && !layers.includes(layer)),
    );
    assert.deepEqual(
      wrong.map(({ file, header }) => `${file} includes ${header}`),
      [],
    );
  });

  it('does no I/O in the parsers', () => {
    const wrong = all.filter(({ layer, header }) => layer === 'proto' && INPUT_OUTPUT.test(header));
    assert.deepEqual(
      wrong.map(({ file, header }) => `${file} includes ${header}`),
      [],
    );
  });
});
