import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from '../helpers/get.js';
import { startServer } from '../helpers/server.js';
import { tempFiles } from '../helpers/temp-dir.js';

const TEXT = readFileSync(new URL('../../docs/deployment.md', import.meta.url), 'utf8');
const BLOCKS = [...TEXT.matchAll(/^```(\w*)\n(.*?)^```/gms)];
const APP = `export function application(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return ['in the container'];
}
`;

/** Program and arguments of the last CMD. */
function containerCommand(dockerfile: string): readonly string[] {
  const [, list = '[]'] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  return JSON.parse(list) as string[];
}

describe('docs/deployment.md', () => {
  it('has one block, a Dockerfile', () =>
    assert.deepEqual(
      BLOCKS.map(([, language]) => language),
      ['dockerfile'],
    ));

  it("has a container's command that serves, on the port that the image exposes", async () => {
    const dockerfile = BLOCKS[0]?.[2] ?? '';
    const [program, ...args] = containerCommand(dockerfile);
    assert.equal(program, 'node_modules/.bin/tsuwsgi-native');
    const exposed = /^EXPOSE (\d+)$/m.exec(dockerfile)?.[1] ?? '';
    assert.ok(args.includes(`0.0.0.0:${exposed}`), args.join(' '));
    const directory = tempFiles({ 'app.ts': APP, 'package.json': '{"type":"module"}' });
    const free = args.map((word) => (word === `0.0.0.0:${exposed}` ? '127.0.0.1:0' : word));
    const server = await startServer(free, { cwd: directory });
    assert.equal((await get(server.port, '/')).text, 'in the container');
    for (const line of server.log.lines) JSON.parse(line);
  });
});
