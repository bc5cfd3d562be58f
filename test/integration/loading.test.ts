import assert from 'node:assert/strict';
import { join } from 'node:path';
import { get } from '../helpers/get.js';
import { startServer, type Server, type ServerOptions } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';

type Files = Readonly<Record<string, string>>;

const ANSWER = (body: string): string =>
  `export function application(environ, startResponse) { startResponse('200 OK', []); return ${body}; }\n`;
const COMMONJS = `exports.application = (environ, startResponse) => { startResponse('200 OK', []); return __filename; };\n`;
const TYPED = `interface Greeting { readonly text: string }
const greeting: Greeting = { text: 'typed' };
`;

async function bodyOf(server: Server, path = '/'): Promise<string> {
  return (await get(server.port, path)).text;
}

/**
 * A package that does not say which kind of modules it has; without it the directories above would
 * decide.
 */
const UNTYPED = { 'package.json': '{}' };

/** Starts a server in a directory of these files and returns what `/` answers. */
async function served(
  files: Files,
  args: readonly string[],
  options: ServerOptions = {},
): Promise<string> {
  const server = await startServer(args, { cwd: tempFiles({ ...UNTYPED, ...files }), ...options });
  const body = await bodyOf(server);
  await server.stop();
  return body;
}

/** Starts a server that is expected to fail, and returns its log and exit code. */
async function refused(
  files: Files,
  args: readonly string[],
): Promise<{ log: string; code: number | null }> {
  const server = await startServer(args, {
    cwd: tempFiles({ ...UNTYPED, ...files }),
    waitForReady: false,
  });
  const { code } = await server.end();
  return { log: server.log.text, code };
}

describe('loading an application', () => {
  describe('by file', () => {
    const kinds: readonly (readonly [name: string, files: Files, expected: RegExp])[] = [
      ['app.ts', { 'app.ts': TYPED + ANSWER('greeting.text') }, /^typed$/],
      ['app.mts', { 'app.mts': TYPED + ANSWER('greeting.text') }, /^typed$/],
      ['app.cts', { 'app.cts': `${TYPED}${COMMONJS}` }, /app\.cts$/],
      ['app.js', { 'app.js': ANSWER('"es"'), 'package.json': '{"type":"module"}' }, /^es$/],
      ['app.js', { 'app.js': COMMONJS, 'package.json': '{"type":"commonjs"}' }, /app\.js$/],
      ['app.mjs', { 'app.mjs': ANSWER('import.meta.url') }, /app\.mjs$/],
      ['app.cjs', { 'app.cjs': COMMONJS }, /app\.cjs$/],
      [
        'app.ts',
        { 'app.ts': TYPED + ANSWER('greeting.text'), 'package.json': '{"type":"module"}' },
        /^typed$/,
      ],
      ['app.ts', { 'app.ts': TYPED + COMMONJS, 'package.json': '{"type":"commonjs"}' }, /app\.ts$/],
    ];
    for (const [name, files, expected] of kinds) {
      const type = files['package.json'] ?? 'no type';
      it(`runs ${name} (${type})`, async () => {
        assert.match(await served(files, ['--wsgi-file', name]), expected);
      });
    }

    it('waits for top-level await, in TypeScript and JavaScript', async () => {
      const source = `const text = await new Promise((resolve) => setImmediate(() => resolve('awaited')));\n${ANSWER('text')}`;
      assert.equal(await served({ 'app.ts': source }, ['--file', 'app.ts']), 'awaited');
      assert.equal(await served({ 'app.mjs': source }, ['--file', 'app.mjs']), 'awaited');
    });

    it('waits for top-level await in TypeScript that is more than annotations', async () => {
      const files = {
        'app.ts': `import { later, Color } from './later';\nconst text = await Promise.resolve(Color.Red);\n${ANSWER('text + later')}`,
        'later.ts': `export enum Color { Red = 'red' }\nexport const later = await Promise.resolve(' later');\n`,
      };
      assert.equal(await served(files, ['--file', 'app.ts']), 'red later');
    });

    it('runs TypeScript that is more than annotations', async () => {
      const files = {
        'app.ts': `import { Color } from './color.js';
import { Shape } from './shape';
class Box { constructor(readonly shape: Shape) {} }
${ANSWER(`new Box({ sides: 4 }).shape.sides + Color[Color.Green]`)}`,
        'color.ts': 'export enum Color { Red, Green }\n',
        'shape.ts': 'export interface Shape { sides: number }\n',
      };
      assert.equal(await served(files, ['--wsgi-file', 'app.ts']), '4Green');
    });

    it('obeys the tsconfig.json beside the application, imported and required', async () => {
      const files = {
        'site/tsconfig.json': '{"compilerOptions":{"paths":{"@lib/*":["./lib/*"]}}}',
        'site/lib/text.ts': `export const text = 'by paths';\n`,
        'site/app.ts': `import { text } from '@lib/text';\n${ANSWER('text')}`,
        'site/app.cts': `const { text } = require('@lib/text');\nenum Unused { A }\nexports.application = (environ, startResponse) => { startResponse('200 OK', []); return text + (process.env['TSX_TSCONFIG_PATH'] ?? ''); };\n`,
      };
      for (const name of ['site/app.ts', 'site/app.cts'])
        assert.equal(await served(files, ['--wsgi-file', name]), 'by paths', name);
    });

    it('does without a tsconfig.json that cannot be read', async () => {
      const files = {
        'tsconfig.json': '{"extends":"not-installed/tsconfig.json"}',
        'app.ts': `enum Color { Red = 'red' }\n${ANSWER('Color.Red')}`,
      };
      assert.equal(await served(files, ['--wsgi-file', 'app.ts']), 'red');
    });

    it('runs modules in a package that says that they are CommonJS, without a warning', async () => {
      const server = await startServer(['--wsgi-file', 'app.ts'], {
        cwd: tempFiles({
          'package.json': '{"type":"commonjs"}',
          'app.ts': TYPED + ANSWER('greeting.text'),
        }),
      });
      assert.equal(await bodyOf(server), 'typed');
      await server.stop();
      assert.equal(server.log.matching(/Warning:/).length, 0);
    });

    it('reports positions in the TypeScript file', async () => {
      const throwing = `interface Padding {
  readonly a: string;
  readonly b: string;
}

export function application(): never {
  const padding: Padding = { a: '', b: '' };
  throw new Error('position ' + padding.a);
}
`;
      for (const source of [throwing, `enum Unused { A }\n${throwing.slice(0, -1)}`]) {
        const server = await startServer(['--wsgi-file', 'app.ts'], {
          cwd: tempFiles({ ...UNTYPED, 'app.ts': source }),
        });
        server.allowAlert(/application error/);
        await bodyOf(server);
        const line = source.startsWith('enum') ? 9 : 8;
        await server.log.waitFor(new RegExp(`app\\.ts(\\?tsx)?:${line}:9`));
        await server.stop();
      }
    });
  });

  describe('by module', () => {
    it('finds files, dotted names and packages from the working directory', async () => {
      const files = {
        'site/wsgi.mjs': ANSWER('"dotted"'),
        'node_modules/pkg/package.json': '{"exports":{"import":"./main.mjs"}}',
        'node_modules/pkg/main.mjs': ANSWER('"package"'),
      };
      assert.equal(await served(files, ['--module', 'site.wsgi']), 'dotted');
      assert.equal(await served(files, ['-w', 'site/wsgi']), 'dotted');
      assert.equal(await served(files, ['--wsgi', 'pkg']), 'package');
    });

    it('takes the callable after the colon, or from a factory', async () => {
      const files = {
        'app.mjs': `export const other = (environ, startResponse) => { startResponse('200 OK', []); return 'other'; };
export const make = async () => (environ, startResponse) => { startResponse('200 OK', []); return 'made'; };
export default (environ, startResponse) => { startResponse('200 OK', []); return 'default'; };`,
      };
      assert.equal(await served(files, ['--module', 'app:other']), 'other');
      assert.equal(await served(files, ['--module', 'app:make()']), 'made');
      assert.equal(await served(files, ['--module', 'app', '--callable', 'other']), 'other');
      assert.equal(await served(files, ['--module', 'app']), 'default');
    });

    it('looks in --pythonpath, the last one first, and in globs', async () => {
      const files = {
        'a/app.mjs': ANSWER('"a"'),
        'b/app.mjs': ANSWER('"b"'),
        'plugins/x/only.mjs': ANSWER('"glob"'),
      };
      assert.equal(await served(files, ['--pythonpath', 'a', '--pp', 'b', '-w', 'app']), 'b');
      assert.equal(await served(files, ['--python-path', 'plugins/*', '-w', 'only']), 'glob');
    });

    it('looks in every directory once for what the application imports', async () => {
      const others = Array.from({ length: 8 }, (_, index) => ['--pp', `empty${index}`]).flat();
      const args = ['--pp', 'lib', ...others, '--wsgi-file', 'app.mjs'];
      const { log, code } = await refused({ 'app.mjs': 'import "nowhere";\n' }, args);
      assert.match(log, /Cannot find package 'nowhere'/);
      assert.equal(code, 22);
      const files = {
        'lib/shared.mjs': 'export const shared = "found";\n',
        'app.mjs': `import { shared } from 'shared';\n${ANSWER('shared')}`,
      };
      assert.equal(await served(files, args), 'found');
    });

    it('finds what the application imports in --pythonpath', async () => {
      const files = {
        'lib/shared/index.mjs': 'export const shared = "shared";\n',
        'lib/plain.js': 'module.exports = " required";\n',
        'app.mjs': `import { createRequire } from 'node:module';
import { shared } from 'shared';
const plain = createRequire(import.meta.url)('plain');
${ANSWER('shared + plain')}`,
        'main.ts': `import { shared } from 'shared';\nconst text: string = shared;\n${ANSWER('text')}`,
      };
      assert.equal(
        await served(files, ['--pp', 'lib', '--wsgi-file', 'app.mjs']),
        'shared required',
      );
      assert.equal(await served(files, ['--pp', 'lib', '--wsgi-file', 'main.ts']), 'shared');
    });

    it('starts where --chdir says, with the variables of --env', async () => {
      const files = { 'sub/app.mjs': ANSWER('process.cwd() + " " + process.env.GREETING') };
      const body = await served(files, ['--chdir', 'sub', '--env', 'GREETING=hello', '-w', 'app']);
      assert.match(body, /\/sub hello$/);
    });
  });

  describe('that cannot be loaded', () => {
    const broken: readonly (readonly [
      name: string,
      files: Files,
      args: readonly string[],
      message: RegExp,
    ])[] = [
      [
        'a missing file',
        { 'app.mjs': '' },
        ['--wsgi-file', 'app.ts'],
        /there is no file \/.*app\.ts; did you mean \/.*app\.mjs\?/,
      ],
      ['a directory', { 'app/x': '' }, ['--wsgi-file', 'app'], /is not a file/],
      [
        'another kind of file',
        { 'app.py': '' },
        ['--wsgi-file', 'app.py'],
        /expected a file that ends in \.ts/,
      ],
      [
        'a missing module',
        {},
        ['--module', 'nowhere:app'],
        /found no file and no package 'nowhere' in \//,
      ],
      [
        'a syntax error in JavaScript',
        { 'app.mjs': 'const a = 1;\nconst b = ;\n' },
        ['--wsgi-file', 'app.mjs'],
        /syntax error in \/.*app\.mjs:2:11: Unexpected token/,
      ],
      [
        'a syntax error in CommonJS',
        { 'app.cjs': 'const b = ;\n' },
        ['--wsgi-file', 'app.cjs'],
        /syntax error in \/.*app\.cjs:1:11: Unexpected token/,
      ],
      [
        'a syntax error in TypeScript',
        { 'app.ts': 'const a: number = 1;\nconst b: = 2;\n' },
        ['--wsgi-file', 'app.ts'],
        /syntax error in \/.*app\.ts:2:\d+: /,
      ],
      [
        'a syntax error in an import',
        { 'app.mjs': 'import "./lib.mjs";\n', 'lib.mjs': '\n\nlet let = 1;\n' },
        ['--wsgi-file', 'app.mjs'],
        /syntax error in \/.*lib\.mjs:3:5: /,
      ],
      [
        'an import that is not there',
        { 'app.mjs': 'import "./gone.mjs";\n' },
        ['--wsgi-file', 'app.mjs'],
        /app\.mjs cannot be loaded: Cannot find module '\/.*gone\.mjs'/,
      ],
      [
        'a name that is not exported',
        { 'app.mjs': 'import { nothing } from "node:fs";\n' },
        ['--wsgi-file', 'app.mjs'],
        /syntax error in \/.*app\.mjs:1:10: .*does not provide an export named 'nothing'/,
      ],
      [
        'a module that throws',
        { 'app.ts': 'const port: number = 1;\nthrow new TypeError(`no database on ${port}`);\n' },
        ['--wsgi-file', 'app.ts'],
        /app\.ts threw while it was loaded: TypeError: no database on 1\n(.*\n)*.*app\.ts:2:7/,
      ],
      [
        'a module whose JSON is wrong',
        { 'app.mjs': 'JSON.parse("{");\n' },
        ['--wsgi-file', 'app.mjs'],
        /app\.mjs threw while it was loaded: SyntaxError/,
      ],
      [
        'a module that throws no error',
        { 'app.mjs': 'throw "a string";\n' },
        ['--wsgi-file', 'app.mjs'],
        /threw while it was loaded: 'a string'/,
      ],
      [
        'a missing callable',
        { 'app.mjs': 'export const app = () => "", config = {};\n' },
        ['--wsgi-file', 'app.mjs'],
        /exports neither 'application' nor a default callable; it exports app \(a function\), config \(an object\)/,
      ],
      [
        'a callable that is none',
        { 'app.mjs': 'export const application = 1;\n' },
        ['--wsgi-file', 'app.mjs'],
        /is not callable: it is a number/,
      ],
    ];
    for (const [name, files, args, message] of broken) {
      for (const mode of [[], ['--master']]) {
        it(`says so for ${name} and exits with 22${mode.length > 0 ? ' (master)' : ''}`, async () => {
          const { log, code } = await refused(files, [...mode, ...args]);
          assert.match(log, message);
          assert.equal(code, 22);
        });
      }
    }

    it('answers 500 to everything with --need-app=false', async () => {
      const server = await startServer(['--need-app=false', '--wsgi-file', 'app.mjs'], {
        cwd: tempFiles({ 'app.mjs': 'throw new Error("broken");' }),
      });
      const { status } = await get(server.port, '/');
      assert.equal(status, 500);
      await server.log.waitFor(/no application loaded: every request gets 500.*broken/);
    });

    it('says only what the module has to do with it', async () => {
      const files = { 'app.ts': 'const n: number = 1;\nthrow new Error(`no database on ${n}`);\n' };
      const { log } = await refused(files, ['--wsgi-file', 'app.ts']);
      // What stands before names the Node binary, wherever that is.
      const said = log.slice(log.indexOf('threw while it was loaded'));
      assert.match(said, /at .*app\.ts:2:7/);
      assert.doesNotMatch(said, /node:internal|dist\/worker|node_modules/);
      const broken = await refused({ 'app.ts': 'const x = ;\n' }, ['--wsgi-file', 'app.ts']);
      assert.equal(broken.log.trimEnd().split('\n').at(-1)?.includes('syntax error in'), true);
    });

    const ended: readonly (readonly [string, string, number, RegExp])[] = [
      ['ends the process', 'process.exit(3)', 3, /application ended the process with exit code 3/],
      [
        'ends it as if all were well',
        'process.exit(0)',
        22,
        /with exit code 0 while it was loaded/,
      ],
      ['waits for ever', 'await new Promise(() => {})', 22, /a top-level await in it waits/],
    ];
    for (const [name, source, expected, message] of ended) {
      it(`says so where the module ${name}`, async () => {
        const { log, code } = await refused({ 'app.mjs': source }, ['--wsgi-file', 'app.mjs']);
        assert.match(log, message);
        assert.equal(code, expected);
      });
    }

    it('leaves nothing behind', async () => {
      const directory = tempFiles({ 'app.mjs': 'throw new Error("broken");' });
      const server = await startServer(['--wsgi-file', join(directory, 'app.mjs')], {
        waitForReady: false,
      });
      assert.equal((await server.end()).code, 22);
    });
  });
});
