import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, before, it } from 'mocha';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { tempDir } from '../helpers/temp-dir.js';
import { outputOf, runCommand } from '../helpers/command.js';
import { installedProject, packedPackage, ROOT } from './packed.js';

const LIMIT_MS = 120_000;
const require = createRequire(import.meta.url);

const ESM_PROGRAM = `
import * as entry from 'tsuwsgi-native';
import { createRequire } from 'node:module';
const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== '__esModule').sort();
const required = createRequire(import.meta.url)('tsuwsgi-native');
console.log(JSON.stringify({ imported: names(entry), required: names(required) }));
`;

const TYPED_APPLICATION = `
import type { Application, Environ, InputStream, StartResponse } from 'tsuwsgi-native';

function answer(environ: Environ, startResponse: StartResponse): string[] {
  const input: InputStream = environ['wsgi.input'];
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [environ.PATH_INFO, environ.HTTP_HOST ?? '', input.read(3).toString('latin1')];
}

export const application: Application = answer;
`;

const WRONG_APPLICATION = `
import type { Application } from 'tsuwsgi-native';
export const application: Application = (_environ, startResponse) => startResponse(200, {});
`;

describe('the public entry', function () {
  this.timeout(LIMIT_MS);

  let project: string;

  before(async () => {
    project = await installedProject();
  });

  async function typecheck(
    name: string,
    source: string,
  ): Promise<{ code: number | null; stdout: string }> {
    const directory = join(project, 'typed');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, name), source);
    const tsc = require.resolve('typescript/bin/tsc');
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
    const strict = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', ...types];
    return runCommand(process.execPath, [tsc, ...strict, join(directory, name)], { cwd: project });
  }

  it('exports the same names to import and to require', async () => {
    writeFileSync(join(project, 'names.mjs'), ESM_PROGRAM);
    const names = JSON.parse(await outputOf(process.execPath, ['names.mjs'], { cwd: project })) as {
      imported: string[];
      required: string[];
    };
    assert.deepEqual(names.imported, names.required);
    assert.ok(names.imported.includes('cache'), names.imported.join(', '));
  });

  for (const name of ['application.mts', 'application.cts']) {
    it(`types ${name}`, async () => {
      const { code, stdout } = await typecheck(name, TYPED_APPLICATION);
      assert.equal(stdout, '');
      assert.equal(code, 0);
    });
  }

  it('refuses an application of the wrong shape', async () => {
    const { code, stdout } = await typecheck('wrong.mts', WRONG_APPLICATION);
    assert.notEqual(code, 0);
    assert.match(stdout, /wrong\.mts\(3,\d+\): error TS2345/);
  });

  it('passes publint', async () => {
    const pkgDir = join(project, 'node_modules/tsuwsgi-native');
    const { messages, pkg } = await publint({ pkgDir, strict: true, pack: false });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  });

  it('passes attw: every way to import it finds its types', async () => {
    const { tarball } = await packedPackage();
    const cli = join(
      dirname(require.resolve('@arethetypeswrong/cli/package.json')),
      'dist/index.js',
    );
    const args = [cli, tarball, '--format', 'ascii', '--no-color', '--no-emoji'];
    const { code, stdout, stderr } = await runCommand(process.execPath, args, { cwd: tempDir() });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
  });
});
