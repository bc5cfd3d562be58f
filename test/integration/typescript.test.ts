import assert from 'node:assert/strict';
import { get } from '../helpers/get.js';
import { startServer, type Server } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';

type Files = Readonly<Record<string, string>>;

const MODULE = { 'package.json': '{"type":"module"}' };
const COMMONJS = { 'package.json': '{"type":"commonjs"}' };

/** Says how often the file was run. */
const RUN = `console.log('run ' + (import.meta.filename ?? import.meta.url).replace(/^.*\\//, '') + '.');\n`;
const RUN_COMMONJS = `console.log('run ' + require('node:path').basename(__filename) + '.');\n`;

const ANSWER = (body: string): string =>
  `export function application(environ: Record<string, unknown>, startResponse: Function) { startResponse('200 OK', []); return ${body}; }\n`;
const ANSWER_LATER = (body: string): string => ANSWER(body).replace('function', 'async function');
const ANSWER_COMMONJS = (body: string): string =>
  ANSWER(body).replace('export function', 'module.exports = function');

const ENUM = `export enum Color { Red = 'red' }\n`;

function runsOf(server: Server, file: string): number {
  return server.log.matching(new RegExp(`run ${file}\\b`)).length;
}

describe('TypeScript applications', () => {
  async function served(files: Files, options: readonly string[] = ['--wsgi-file', 'app.ts']) {
    const server = await startServer(options, { cwd: tempFiles(files) });
    const { text } = await get(server.port, '/');
    await server.stop();
    assert.equal(server.log.matching(/Warning:/).length, 0);
    return { text, server };
  }

  describe('have one instance of each module', () => {
    const BACK = `import { db, NotFound } from './app.ts';
${RUN}export const same = (error: unknown): string => String(error instanceof NotFound) + db.text;\n`;
    const APP = `import { same } from './handle.ts';
${RUN}export const db = { text: 'db' };
export class NotFound extends Error {}
${ANSWER('same(new NotFound())')}`;
    const kinds: readonly (readonly [string, Files])[] = [
      ['needs only its types stripped', { 'app.ts': APP }],
      ['has an enum', { 'app.ts': APP + ENUM }],
      ['imports what has an enum', { 'app.ts': `import './color.ts';\n${APP}`, 'color.ts': ENUM }],
      ['leaves extensions out', { 'app.ts': APP.replace('handle.ts', 'handle') }],
      [
        'imports a type as if it were a value',
        {
          'app.ts': `import { Size } from './size.ts';\n${APP}`,
          'size.ts': 'export interface Size {}\n',
        },
      ],
      [
        'has a decorator that cannot be told from text',
        {
          'app.ts': `const mark = (c: unknown): void => void c;\n/* marked */ @mark class Box {}\nvoid Box;\n${APP}`,
        },
      ],
    ];
    for (const [name, files] of kinds) {
      it(`where a module imports back what ${name}`, async () => {
        const { text, server } = await served({ ...MODULE, 'handle.ts': BACK, ...files });
        assert.equal(text, 'truedb');
        assert.equal(runsOf(server, 'app.ts'), 1);
        assert.equal(runsOf(server, 'handle.ts'), 1);
      });
    }

    it('where --import has loaded one of them before', async () => {
      const files = {
        ...MODULE,
        'db.ts': `${RUN}export const db = { text: 'db' };\n`,
        'before.ts': `import { db } from './db.ts';\ndb.text = 'before';\n`,
        'app.ts': `import { db } from './db.ts';\nimport { Size } from './size.ts';\n${ANSWER('db.text')}`,
        'size.ts': 'export interface Size {}\n',
      };
      const { text, server } = await served(files, ['--import', 'before', '--wsgi-file', 'app.ts']);
      assert.equal(text, 'before');
      assert.equal(runsOf(server, 'db.ts'), 1);
    });
  });

  describe('are run once', () => {
    const LATER = `${RUN}const { Color } = await import('./color.ts');\n${ANSWER('Color.Red')}`;
    const LATER_REQUIRED = `${RUN_COMMONJS}const { Color } = require('./color.ts') as any;\n${ANSWER_COMMONJS('Color.Red')}`;
    const kinds: readonly (readonly [string, Files])[] = [
      ['imports an enum when it runs', { ...MODULE, 'app.ts': LATER }],
      [
        'imports without extension when it runs',
        { ...MODULE, 'app.ts': LATER.replace('color.ts', 'color') },
      ],
      [
        'imports with .js when it runs',
        { ...MODULE, 'app.ts': LATER.replace('color.ts', 'color.js') },
      ],
      ['requires an enum', { ...COMMONJS, 'app.ts': LATER_REQUIRED }],
      [
        'requires without extension',
        { ...COMMONJS, 'app.ts': LATER_REQUIRED.replace('color.ts', 'color') },
      ],
    ];
    for (const [name, files] of kinds) {
      it(`where the application ${name}`, async () => {
        const { text, server } = await served({ 'color.ts': ENUM, ...files });
        assert.equal(text, 'red');
        assert.equal(runsOf(server, 'app.ts'), 1);
      });
    }

    it('where what they import then is not there, and say so', async () => {
      const imports = [
        [MODULE, `${RUN}await import('./gone.ts');\n`],
        [COMMONJS, `${RUN_COMMONJS}require('./gone.ts');\n`],
      ] as const;
      for (const [manifest, source] of imports) {
        const server = await startServer(['--wsgi-file', 'app.ts'], {
          cwd: tempFiles({ ...manifest, 'app.ts': source }),
          waitForReady: false,
        });
        assert.equal((await server.end()).code, 22);
        assert.equal(runsOf(server, 'app.ts'), 1);
        assert.match(server.log.text, /app\.ts cannot be loaded: Cannot find module '.*gone\.ts'/);
      }
    });
  });

  it('import what is more than annotations while they serve, with its positions', async () => {
    const files = {
      ...MODULE,
      'app.ts': ANSWER_LATER(`(await import('./color.ts')).fail()`),
      'color.ts': `${ENUM}interface Padding {\n  a: string;\n}\n\nexport function fail(): never {\n  throw new Error(Color.Red);\n}\n`,
    };
    const server = await startServer(['--wsgi-file', 'app.ts'], { cwd: tempFiles(files) });
    server.allowAlert(/application error/);
    assert.equal((await get(server.port, '/')).status, 500);
    await server.log.waitFor(/color\.ts:7:9/);
    await server.stop();
  });

  it('find what CommonJS that they import requires without extension', async () => {
    const files = {
      ...COMMONJS,
      'app.mts': `import lib from './lib.ts';\n${ANSWER('lib.text')}`,
      'lib.ts': `module.exports = require('./text');\n`,
      'text.ts': `exports.text = 'text' as string;\n`,
    };
    assert.equal((await served(files, ['--wsgi-file', 'app.mts'])).text, 'text');
  });

  it('import JSON as tsx does', async () => {
    const files = {
      ...MODULE,
      'app.ts': `import settings from './settings.json';\n${ANSWER('settings.text')}`,
      'settings.json': '{"text":"set"}',
    };
    assert.equal((await served(files)).text, 'set');
  });

  describe('in a package that does not say what it is are CommonJS where they are written so', () => {
    const required = `const { Color } = require('./color.ts') as any;\n${ANSWER_COMMONJS('Color.Red')}`;
    const sources: readonly (readonly [string, string])[] = [
      ['has module syntax in a comment', '/* example:\nexport const nothing = 1\n*/\n'],
      ['has module syntax in a template', 'const code = `\nexport const nothing = 1;\n`;\n'],
      ['exports types', 'export interface Foo { a: string }\nexport type Bar = string;\n'],
    ];
    for (const [name, source] of sources) {
      for (const [kind, color] of [
        ['', `exports.Color = { Red: 'red' };\n`],
        [', with an enum', ENUM],
      ] as const) {
        it(`when one ${name}${kind}`, async () => {
          const files = { 'package.json': '{}', 'app.ts': source + required, 'color.ts': color };
          assert.equal((await served(files)).text, 'red');
        });
      }
    }
  });
});
