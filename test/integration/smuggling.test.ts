import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describeModes, get, head } from './wire-server.js';

/** Field lines that bear on where a body ends, right and wrong ones. */
const FRAMING_LINES = [
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: 38',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length : 5',
  'Content-Length:\t5',
  'Content_Length: 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: "chunked"',
  'Transfer_Encoding: chunked',
  ' Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r',
  'X: y\nTransfer-Encoding: chunked',
  'Expect: 100-continue',
  'Connection: Upgrade',
] as const;

/** What may follow the head: each hides a request for somebody who sees another end. */
const BODIES = [
  '',
  'hello',
  '0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '26\r\n',
  '0\n\n',
  '0;\r\r\n',
  '5\r\nhello0\r\n\r\n',
] as const;

const HIDDEN = get('/hidden');

/** Content-Length and Transfer-Encoding as a strict reader takes them; undefined: it refuses. */
function strictBodyEnd(lines: readonly string[], rest: string): number | undefined {
  const framing = lines.filter((line) => /^(content-length|transfer-encoding):/i.test(line));
  const valid = lines.every((line) => /^[\w-]+:[\t ]*[\x21-\x7e][\x20-\x7e]*$/.test(line));
  if (!valid || framing.length > 1) return undefined;
  const [name = '', value = ''] = (framing[0] ?? ':').split(/:[\t ]*/);
  if (name === '') return 0;
  if (/^content/i.test(name)) return /^\d+$/.test(value) ? Number(value) : undefined;
  if (value !== 'chunked') return undefined;
  const chunks = /^(?:5\r\nhello\r\n)?0\r\n\r\n/.exec(rest);
  return chunks?.[0].length;
}

describeModes('request smuggling', ['--header-timeout', '0.3', '--body-timeout', '0.3'], (wire) => {
  it('runs a request behind a head only where a strict reader sees it', async function () {
    this.timeout(120_000);
    const lines = fc.array(fc.constantFrom(...FRAMING_LINES), { minLength: 1, maxLength: 3 });
    const property = fc.asyncProperty(lines, fc.constantFrom(...BODIES), async (fields, body) => {
      const rest = body + HIDDEN;
      const end = strictBodyEnd(fields, rest);
      const seen = end !== undefined && rest.slice(end) === HIDDEN;
      const before = await hiddenRuns();
      const socket = await wire().connect();
      await socket.send(head('POST', '/echo', ...fields) + rest);
      socket.halfClose();
      await socket.waitForEnding();
      socket.close();
      const ran = (await hiddenRuns()) - before;
      assert.equal(ran, seen ? 1 : 0, JSON.stringify({ fields, body }));
    });
    await fc.assert(property, { numRuns: 400 });
  });

  async function hiddenRuns(): Promise<number> {
    const { events } = await wire().application();
    return events.filter((event) => event === 'hidden GET').length;
  }
});
