/** Plain requests and their answers. */
import assert from 'node:assert/strict';
import { bodyOf, hashOf } from '../bytes.js';
import { ask } from '../client.js';
import type { Peer } from '../peers.js';
import type { Scenario } from './scenario.js';

const SMALL = 1000;
const LARGE = 50 << 20;
const MEDIUM = 3 << 20;

const get: Scenario = {
  title: 'GET',
  async run({ port }) {
    const answer = await ask(port, { path: '/hello' });
    assert.deepEqual([answer.status, answer.text], [200, 'hello']);
    assert.equal(answer.headers['content-type'], 'text/plain');
  },
};

const head: Scenario = {
  title: 'HEAD: no body, whatever the application returns',
  async run({ port }) {
    const answer = await ask(port, { method: 'HEAD', path: '/hello' });
    assert.deepEqual([answer.status, answer.bytes], [200, 0]);
    const next = await ask(port, { path: '/hello' });
    assert.equal(next.text, 'hello');
  },
};

function post(title: string, length: number): Scenario {
  return {
    title,
    async run({ port }) {
      const answer = await ask(port, { method: 'POST', path: '/hash', body: bodyOf(length) });
      assert.deepEqual([answer.status, answer.text], [200, `${length} ${hashOf(length)}`]);
    },
  };
}

const chunked = { method: 'POST', path: '/hash', chunked: true } as const;

/** The uwsgi protocol has no chunks: the peer finds out the length before it passes the request on. */
const decodedChunks: Scenario = {
  title: 'POST in chunks',
  async run({ port }) {
    const answer = await ask(port, { ...chunked, body: bodyOf(MEDIUM) });
    assert.deepEqual([answer.status, answer.text], [200, `${MEDIUM} ${hashOf(MEDIUM)}`]);
  },
};

const refusedChunks: Scenario = {
  title: 'POST in chunks: the peer asks for a length',
  async run({ port }) {
    assert.equal((await ask(port, { ...chunked, body: bodyOf(SMALL) })).status, 411);
  },
};

export function chunkScenarios(chunks: Peer['chunks']): Scenario[] {
  if (chunks === 'ignored') return [];
  return [chunks === 'decoded' ? decodedChunks : refusedChunks];
}

function receive(title: string, path: string, length: number): Scenario {
  return {
    title,
    async run({ port }) {
      const answer = await ask(port, { path: `${path}/${length}` });
      assert.deepEqual([answer.status, answer.bytes], [200, length]);
      assert.equal(answer.sha256, hashOf(length));
    },
  };
}

function status(title: string, path: string, code: number, text: RegExp): Scenario {
  return {
    title,
    async run({ port }) {
      const answer = await ask(port, { path });
      assert.equal(answer.status, code);
      assert.match(answer.text, text);
    },
  };
}

export const exchangeScenarios: readonly Scenario[] = [
  get,
  head,
  post('POST without a byte', 0),
  post('POST, small', SMALL),
  post('POST, 50 MB', LARGE),
  receive('an answer of 50 MB', '/bytes', LARGE),
  receive('an answer of unknown length, 1 MB', '/stream', 1 << 20),
  status('404 of the application, with its text', '/status/404', 404, /^status 404$/),
];

export const throwingScenario = status(
  'an application that throws: 500',
  '/throw',
  500,
  /Internal Server Error/i,
);

/** uWSGI closes the connection without a byte; a router has to say something. */
export const throwingBehindScenario = status(
  "an application of uWSGI's that throws: 502",
  '/throw',
  502,
  /Bad Gateway/i,
);
