/** Saves as editors and tools make them, several times over: each one counts, and a file stays followed after it. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from '../../../../src/log/logger.js';
import { MOST_DIRECTORIES } from '../../../../src/supervisor/reload/directory-watches.js';
import { TreeWatch } from '../../../../src/supervisor/reload/tree-watch.js';
import { onCleanup } from '../../../helpers/cleanup.js';
import { tempDir, tempFiles } from '../../../helpers/temp-dir.js';
import { waitUntil } from '../../../helpers/wait-until.js';

const nothing = (): void => undefined;

/** A watch with all that it told of and complained of. */
class Scene {
  readonly told: string[] = [];
  readonly complaints: string[] = [];

  constructor(paths: readonly string[]) {
    const error = (message: string): void => void this.complaints.push(message);
    const logger: Logger = { fact: nothing, info: nothing, warn: nothing, error };
    const watch = new TreeWatch(paths, (what) => this.told.push(what), logger);
    watch.start();
    onCleanup(() => watch.stop());
  }

  /** Resolves with what is told next, in words. */
  async after(act: () => void): Promise<string> {
    const before = this.told.length;
    act();
    await waitUntil('a change is told of', () => this.told.length > before);
    return this.told.slice(before).join('; ');
  }
}

/** `away`: a directory that nobody watches. */
type Save = (file: string, away: string) => void;

const inPlace: Save = (file) => writeFileSync(file, 'new');

const SAVES: Readonly<Record<string, Save>> = {
  'in place': inPlace,
  'by appending': (file) => appendFileSync(file, 'more'),
  'as vim does': (file) => {
    const probe = join(dirname(file), '4913');
    writeFileSync(probe, '');
    unlinkSync(probe);
    renameSync(file, `${file}~`);
    writeFileSync(file, 'new');
    unlinkSync(`${file}~`);
  },
  'a new file in its place': (file) => {
    writeFileSync(`${file}.new`, 'new');
    renameSync(`${file}.new`, file);
  },
  'a file from elsewhere in its place': (file, away) => {
    writeFileSync(join(away, 'made'), 'new');
    renameSync(join(away, 'made'), file);
  },
  'removed and made anew': (file) => {
    unlinkSync(file);
    writeFileSync(file, 'new');
  },
  'its directory removed and made anew': (file) => {
    rmSync(dirname(file), { recursive: true });
    mkdirSync(dirname(file));
    writeFileSync(file, 'new');
  },
  'its directory moved out, another one moved in': (file, away) => {
    mkdirSync(join(away, 'made'));
    writeFileSync(join(away, 'made', 'v.ts'), 'new');
    rmSync(join(away, 'old'), { recursive: true, force: true });
    renameSync(dirname(file), join(away, 'old'));
    renameSync(join(away, 'made'), dirname(file));
  },
};

describe('TreeWatch', () => {
  for (const [name, save] of Object.entries(SAVES)) {
    it(`hears of each save, of a file that is named and of one in a tree: ${name}`, async () => {
      const root = tempFiles({ 'src/deep/v.ts': '' });
      const file = join(root, 'src/deep/v.ts');
      const away = tempDir();
      const [named, tree] = [new Scene([file]), new Scene([root])];
      for (const way of [save, inPlace, save, inPlace]) {
        const told = named.after(() => way(file, away));
        assert.match(await tree.after(() => undefined), /\/src\/deep/);
        assert.equal(await told, file);
      }
      assert.deepEqual(tree.complaints, []);
    });
  }

  it('hears of files in directories that were made since, and in those they hold', async () => {
    const root = tempDir();
    const scene = new Scene([root]);
    await scene.after(() => mkdirSync(join(root, 'a/b/c'), { recursive: true }));
    const told = await scene.after(() => writeFileSync(join(root, 'a/b/c/v.ts'), ''));
    assert.match(told, /a\/b\/c\/v\.ts$/);
    await scene.after(() => renameSync(join(root, 'a'), join(root, 'moved')));
    const moved = await scene.after(() => writeFileSync(join(root, 'moved/b/c/v.ts'), '2'));
    assert.match(moved, /moved\/b\/c\/v\.ts$/);
  });

  it('hears of the directory itself that is removed and made anew, or a link to another one', async () => {
    const root = tempFiles({ 'one/v.ts': '', 'two/v.ts': '' });
    const current = join(root, 'current');
    symlinkSync('one', current);
    const scene = new Scene([current]);
    await scene.after(() => writeFileSync(join(root, 'one/v.ts'), '2'));
    await scene.after(() => {
      symlinkSync('two', `${current}.new`);
      renameSync(`${current}.new`, current);
    });
    await scene.after(() => writeFileSync(join(root, 'two/v.ts'), '2'));
    await scene.after(() => unlinkSync(current));
    await scene.after(() => mkdirSync(current));
    const told = await scene.after(() => writeFileSync(join(current, 'v.ts'), ''));
    assert.match(told, /current\/v\.ts$/);
    assert.deepEqual(scene.complaints, []);
  });

  it('tells once of a change below two of its paths, and of nothing else', async () => {
    const root = tempFiles({ 'src/a.ts': '', 'src/node_modules/x.js': '', 'other.ts': '' });
    const scene = new Scene([join(root, 'src'), join(root, 'src/a.ts'), join(root, 'src/.env')]);
    for (const name of ['src/node_modules/x.js', 'other.ts', 'src/.hidden', 'src/.env', 'src/a.ts'])
      writeFileSync(join(root, name), '2');
    await waitUntil('the changes are told of', () => scene.told.length > 0);
    assert.deepEqual(scene.told, [`${join(root, 'src/.env')}, ${join(root, 'src/a.ts')}`]);
  });

  it('many directories that come and go are no complaint', async () => {
    const root = tempDir();
    const scene = new Scene([root]);
    await scene.after(() => {
      for (let number = 0; number < 200; number++) mkdirSync(join(root, `x${number}`));
      for (let number = 0; number < 200; number++)
        rmSync(join(root, `x${number}`), { recursive: true });
    });
    assert.deepEqual(scene.complaints, []);
  });

  it('follows a directory although a file in it, and one below, are named before it', async () => {
    const root = tempFiles({ 'a.ts': '', 'one/two/b.ts': '', 'three/c.ts': '' });
    const named = [join(root, 'a.ts'), join(root, 'one/two/b.ts'), root];
    const scene = new Scene(named);
    for (const file of ['one/two/b.ts', 'three/c.ts']) {
      const told = await scene.after(() => writeFileSync(join(root, file), '2'));
      assert.equal(told, join(root, file));
    }
  });

  it('what is not there is said, and heard of when it is made', async () => {
    const root = tempDir();
    const [file, directory] = [join(root, 'v.ts'), join(root, 'src')];
    const scene = new Scene([file, directory, join(root, 'no/where.ts')]);
    const said = scene.complaints.map(
      (line) => /(\w+(?:\.ts)?) is not watched: ENOENT/.exec(line)?.[1],
    );
    assert.deepEqual(said, ['no', 'v.ts', 'src', 'where.ts']);
    assert.equal(await scene.after(() => writeFileSync(file, '')), file);
    assert.equal(await scene.after(() => mkdirSync(directory)), directory);
    const inside = join(directory, 'deep');
    assert.equal(await scene.after(() => writeFileSync(inside, '')), inside);
  });

  it('says once that there are too many directories, and follows the others', async () => {
    const root = tempDir();
    for (let number = 0; number <= MOST_DIRECTORIES; number++) mkdirSync(join(root, `x${number}`));
    const scene = new Scene([root]);
    const said =
      /\/x\d+ is not watched: 4096 directories are watched, .*; of others this is not said/;
    assert.equal(scene.complaints.length, 1);
    assert.match(scene.complaints[0] ?? '', said);
    const file = join(root, 'v.ts');
    assert.equal(await scene.after(() => writeFileSync(file, '')), file);
  });
});
