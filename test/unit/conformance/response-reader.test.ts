import assert from 'node:assert/strict';
import { ResponseReader } from '../../conformance/response-reader.js';

function read(text: string, head = false): ResponseReader {
  const whole = new ResponseReader(() => head);
  whole.push(Buffer.from(text, 'latin1'));
  const bytewise = new ResponseReader(() => head);
  for (const byte of text) bytewise.push(Buffer.from(byte, 'latin1'));
  assert.deepEqual(bytewise.responses, whole.responses);
  return whole;
}

describe('the response reader', () => {
  it('cuts responses by their framing', () => {
    const { responses } = read(
      'HTTP/1.1 100 Continue\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc' +
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n' +
        'HTTP/1.1 204 No Content\r\n\r\n',
    );
    assert.deepEqual(
      responses.map(({ status, framing, body }) => [status, framing, body.toString()]),
      [
        [100, 'none', ''],
        [200, 'length', 'abc'],
        [200, 'chunked', 'de'],
        [204, 'none', ''],
      ],
    );
    assert.deepEqual(
      responses.flatMap(({ faults }) => faults),
      [],
    );
  });

  it('expects no body behind the answer to HEAD', () => {
    const { responses, inMessage } = read('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', true);
    assert.equal(responses.length, 1);
    assert.equal(inMessage, false);
  });

  it('sees a body behind the answer to HEAD as junk', () => {
    assert.equal(read('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdefgh', true).junk, true);
  });

  it('tells complete from cut', () => {
    const cut = read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc');
    cut.end();
    assert.equal(cut.responses[0]?.complete, false);
    const whole = read('HTTP/1.1 200 OK\r\n\r\nabc');
    whole.end();
    assert.equal(whole.responses[0]?.complete, true);
    assert.equal(whole.responses[0].body.toString(), 'abc');
  });

  it('notes breaches of the framing rules', () => {
    const faults = (lines: string): string => {
      const reader = read(`HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`);
      reader.end();
      return reader.responses.flatMap((response) => response.faults).join();
    };
    assert.match(
      faults('Content-Length: 1\r\nTransfer-Encoding: chunked'),
      /with Transfer-Encoding/,
    );
    assert.match(faults('Content-Length: 0\r\nContent-Length: 0'), /more than one/);
    assert.match(faults('Content-Length: x'), /Content-Length x/);
    assert.match(faults('Bad name: x'), /malformed field line/);
    assert.match(
      read('HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n').responses[0]?.faults.join() ?? '',
      /framing on 204/,
    );
  });

  it('takes nothing else for a response', () => {
    assert.equal(read('<html>not a response</html>').junk, true);
    assert.equal(read('HTTP/1.1 999 Odd\r\n\r\n').junk, true);
    assert.equal(read('HTTP/1.1 2').junk, false);
  });
});
