import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { onCleanup } from '../../helpers/cleanup.js';
import { KeptLoad, type Outcome } from '../../helpers/kept-load.js';
import { waitUntil } from '../../helpers/wait-until.js';

/** A server that answers each target with this text; no text: it ends the connection. */
async function serve(answer: (target: string) => string | undefined): Promise<number> {
  const server = createServer(({ url = '' }, response) => {
    const text = answer(url);
    if (text === undefined) response.destroy();
    else response.setHeader('Content-Length', text.length).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const numberOf = (target: string): string => target.split('?')[1] ?? '';

async function complaints(answer: (target: string) => string | undefined): Promise<string[]> {
  const outcomes: Outcome[] = [];
  const load = new KeptLoad({
    target: await serve(answer),
    connections: 2,
    rate: 200,
    numbered: true,
    onOutcome: (outcome) => void outcomes.push(outcome),
  });
  await waitUntil('outcomes', () => outcomes.length >= 20);
  await load.stop();
  return load.complaints();
}

describe('a load that is kept', () => {
  it('has no complaint where each request gets its own answer', async () => {
    assert.deepEqual(await complaints((target) => `number ${numberOf(target)}`), []);
  });

  it('notices the answer to another request', async () => {
    const found = await complaints((target) => (numberOf(target) === '7' ? '6' : numberOf(target)));
    assert.deepEqual(found, ['1 wrong answers, the first: for another request: 6']);
  });

  it('notices a request that gets none', async () => {
    const found = await complaints((target) =>
      numberOf(target) === '7' ? undefined : numberOf(target),
    );
    assert.match(
      found.join('; '),
      /^1 errors, the first: .*; 1 closes, the first: with a request$/,
    );
  });
});
