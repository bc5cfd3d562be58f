/** The environ of one request as an application saw it, in a form that two runs have in common. */
import type { Place, Target } from './place.js';
import { freePort, sharedDirectory } from './place.js';
import { ask, type Question } from './client.js';
import type { Peer } from './peers.js';
import { bodyOf } from './bytes.js';

export type Environ = Readonly<Record<string, string>>;

/** What may come through a front server. `/environ` is where the application answers with its environ. */
export const QUESTIONS: readonly (Question & { readonly title: string })[] = [
  { title: 'a plain request', path: '/environ' },
  {
    title: 'a query and escapes in the path',
    path: '/environ/a%20b/%C3%BC+/x;y=1,2?q=a%20b&r=%C3%BC&empty=&flag',
  },
  { title: 'an empty query', path: '/environ?' },
  { title: 'slashes and dots in the path', path: '/environ//double/./here/../there' },
  {
    title: 'headers',
    path: '/environ/headers',
    headers: {
      Cookie: 'a=1; b="two words"',
      Referer: 'http://elsewhere.test/?x=1',
      Authorization: 'Basic dTpw',
      'Accept-Language': 'de, en;q=0.5',
      'X-Empty': '',
      'X-Latin': 'Gr\u00fc\u00dfe',
      'X-Forwarded-For': '192.0.2.7',
      'X-Forwarded-Proto': 'https',
      X_Underscore: 'doubtful',
      Proxy: 'http://evil.test/',
      Host: 'shop.test:8080',
    },
  },
  { title: 'a header that comes twice', path: '/environ', headers: { 'X-Twice': ['1', '2'] } },
  {
    title: 'a body in chunks',
    method: 'POST',
    path: '/environ/chunks',
    body: bodyOf(10),
    chunked: true,
  },
  {
    title: 'a body',
    method: 'POST',
    path: '/environ/body',
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: bodyOf(10),
  },
  { title: 'a body of no bytes', method: 'PUT', path: '/environ/empty', body: bodyOf(0) },
  { title: 'another method', method: 'DELETE', path: '/environ/thing' },
];

/** Other at each run, whoever serves. */
const CHANGING = new Set(['REMOTE_PORT', 'body.length', 'tsuwsgi.request_id']);

export interface Front {
  environOf(question: Question): Promise<Environ>;
  stop(): Promise<void>;
}

export async function startFront(peer: Peer, target: Target): Promise<Front> {
  const place: Place = { directory: sharedDirectory(), port: await freePort(), target };
  const servers = await peer.start(place);
  return {
    environOf: async (question) => {
      const { status, text } = await ask(place.port, question);
      if (status !== 200) throw new Error(`${question.path} was answered ${status}: ${text}`);
      return normalised(JSON.parse(text) as Environ, place);
    },
    stop: async () => {
      for (const server of servers) await server.stop();
    },
  };
}

function normalised(environ: Environ, { port }: Place): Environ {
  const entries = Object.entries(environ)
    .filter(([key]) => !CHANGING.has(key))
    .map(([key, value]) => [
      key,
      value.replace(/\/[^ ]*\/tsuwsgi-peer-\w+/g, '/DIRECTORY').replaceAll(String(port), 'PORT'),
    ]);
  return Object.fromEntries(entries) as Environ;
}

/** A key whose value is not what the reference server gives, and why that is so. */
export interface Difference {
  readonly key: string;
  readonly reason: string;
  /** `undefined` stands for a key that is absent. */
  holds(here: string | undefined, reference: string | undefined): boolean;
}

const absentHere: Difference['holds'] = (here, reference) =>
  here === undefined && reference !== undefined;
const onlyHere: Difference['holds'] = (here, reference) =>
  here !== undefined && reference === undefined;
const emptyThere: Difference['holds'] = (here, reference) => here === undefined && reference === '';

export const DIFFERENCES: readonly Difference[] = [
  {
    key: 'PATH_INFO',
    reason: 'decoded as UTF-8; in Python each byte becomes a character',
    holds: (here, reference) =>
      reference !== undefined && Buffer.from(reference, 'latin1').toString('utf8') === here,
  },
  {
    key: 'SCRIPT_NAME',
    reason:
      "always there, empty where the front server sends none: Python's PEP 3333 leaves it open",
    holds: (here, reference) => here === '' && reference === undefined,
  },
  {
    key: 'CONTENT_TYPE',
    reason: 'absent where the client sent none, as over HTTP; nginx sends it empty',
    holds: emptyThere,
  },
  {
    key: 'CONTENT_LENGTH',
    reason: 'absent where the client sent none, as over HTTP; nginx sends it empty',
    holds: emptyThere,
  },
  {
    key: 'HTTP_CONTENT_TYPE',
    reason: 'no key of CGI: a second copy that nginx sends beside CONTENT_TYPE',
    holds: absentHere,
  },
  {
    key: 'HTTP_CONTENT_LENGTH',
    reason: 'no key of CGI: a second copy beside CONTENT_LENGTH that could contradict it',
    holds: absentHere,
  },
  {
    key: 'HTTP_PROXY',
    reason: 'never: programs take it for the address of their own proxy (CVE-2016-5385)',
    holds: absentHere,
  },
  {
    key: 'wsgi.url_scheme',
    reason:
      "what the front server says of its own connection (HTTPS), not what any client's X-Forwarded-Proto says",
    holds: (here, reference) => here === 'http' && reference === 'https',
  },
  {
    key: 'HTTP_X_TWICE',
    reason:
      'all values of a header that comes more than once, as over HTTP; the reference keeps the last',
    holds: (here, reference) => here === '1, 2' && reference === '2',
  },
  { key: 'uwsgi.version', reason: 'text here, bytes in Python', holds: onlyHere },
  { key: 'uwsgi.node', reason: 'text here, bytes in Python', holds: onlyHere },
];

export interface Comparison {
  /** Rows of the table that were needed. */
  readonly explained: readonly Difference[];
  readonly unexplained: readonly string[];
}

export function compare(here: Environ, reference: Environ): Comparison {
  const keys = [...new Set([...Object.keys(here), ...Object.keys(reference)])];
  const different = keys.filter((key) => here[key] !== reference[key]);
  const explained: Difference[] = [];
  const unexplained: string[] = [];
  for (const key of different) {
    const row = DIFFERENCES.find((one) => one.key === key && one.holds(here[key], reference[key]));
    if (row === undefined) unexplained.push(`${key}: ${here[key]}, reference ${reference[key]}`);
    else explained.push(row);
  }
  return { explained, unexplained };
}
