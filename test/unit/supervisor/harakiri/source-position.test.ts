import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sourcePosition } from '../../../../src/supervisor/harakiri/source-position.js';
import { tempFiles } from '../../../helpers/temp-dir.js';

const SOURCE = 'interface X {}\n\nfunction spin() {\n  for (;;) {}\n}\n';

/** One line of code whose column 17 is line 4, column 3 of the source (offsets from 0: 3 and 2). */
const MAP = { version: 3, sources: ['app.ts'], names: [], mappings: 'AAEA,iBACE' };

function scene() {
  const directory = tempFiles({ 'app.ts': SOURCE });
  return { directory, url: (name: string) => pathToFileURL(join(directory, name)).href };
}

const code = (comment: string): string =>
  `function spin(){ for(;;){} }\n//# sourceMappingURL=${comment}\n`;

const inline = (map: object): string =>
  `data:application/json;charset=utf-8;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;

describe('source positions', () => {
  it('are those of the code where it has no map', () => {
    const { directory, url } = scene();
    assert.deepEqual(sourcePosition({ url: url('app.ts'), source: SOURCE }, 3, 2), {
      file: join(directory, 'app.ts'),
      line: 4,
      column: 3,
      text: 'for (;;) {}',
    });
  });

  it('come from a map in the code, with the line of the source', () => {
    const { directory, url } = scene();
    const expected = { file: join(directory, 'app.ts'), line: 4, column: 3, text: 'for (;;) {}' };
    const script = { url: `${url('app.ts')}?namespace=1`, source: code(inline(MAP)) };
    assert.deepEqual(sourcePosition(script, 0, 17), expected);
    const absolute = { ...MAP, sources: [url('app.ts')] };
    assert.deepEqual(
      sourcePosition({ ...script, source: code(inline(absolute)) }, 0, 17),
      expected,
    );
  });

  it('come from a map beside the code', () => {
    const { directory, url } = scene();
    writeFileSync(join(directory, 'app.js.map'), JSON.stringify(MAP));
    const position = sourcePosition({ url: url('app.js'), source: code('app.js.map') }, 0, 17);
    assert.deepEqual([position.file, position.line], [join(directory, 'app.ts'), 4]);
  });

  it('are those of the code where the map cannot be read', () => {
    const { directory, url } = scene();
    for (const comment of ['absent.map', 'data:application/json;base64,bm90IEpTT04=']) {
      const position = sourcePosition({ url: url('app.js'), source: code(comment) }, 0, 17);
      assert.deepEqual([position.file, position.line], [join(directory, 'app.js'), 1]);
    }
  });

  it('say where code is that is no file', () => {
    const position = sourcePosition({ url: 'node:internal/timers', source: '' }, 580, 16);
    assert.deepEqual(position, {
      file: 'node:internal/timers',
      line: 581,
      column: 17,
      text: undefined,
    });
  });
});
