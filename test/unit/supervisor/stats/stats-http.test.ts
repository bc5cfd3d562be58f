import assert from 'node:assert/strict';
import {
  MAX_HEAD,
  plain,
  readRequest,
  responseText,
} from '../../../../src/supervisor/stats/stats-http.js';

describe('the HTTP of the statistics', () => {
  it('reads a request as soon as its head is complete', () => {
    const head = 'GET /stats?x=1 HTTP/1.1\r\nHost: a\r\nACCEPT: text/html\r\n\r\n';
    assert.deepEqual(readRequest(head), { method: 'GET', path: '/stats', accept: 'text/html' });
    for (let cut = 0; cut < head.length; cut += 1)
      assert.equal(readRequest(head.slice(0, cut)), undefined);
    assert.deepEqual(readRequest('GET / HTTP/1.0\n\n'), { method: 'GET', path: '/', accept: '' });
  });

  it('refuses what is none, and heads without an end', () => {
    for (const text of ['hello', 'GET /', 'GET stats HTTP/1.1', 'GET / HTTP/2.0', 'get / HTTP/1.1'])
      assert.equal(readRequest(`${text}\r\n\r\n`), 'bad', text);
    assert.equal(readRequest('x'.repeat(MAX_HEAD + 1)), 'too-large');
  });

  it('answers with a length in bytes, and without a body for HEAD', () => {
    const text = responseText(plain(503, 'grün'), true);
    assert.match(text, /^HTTP\/1\.1 503 Service Unavailable\r\nConnection: close\r\n/);
    assert.match(text, /Content-Length: 6\r\n.*\r\n\r\ngrün\n$/s);
    assert.match(responseText(plain(200, 'x'), false), /Content-Length: 2\r\n.*\r\n\r\n$/s);
  });
});
