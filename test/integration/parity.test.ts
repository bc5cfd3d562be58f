/**
 * The same request over HTTP and over uwsgi gives the application the same environ. Each head of the HTTP fixtures is
 * sent as it is, and as the packet that a front server makes of it.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { readFixtures, type FixtureFile } from '../helpers/fixture-files.js';
import { RawSocket } from '../helpers/raw-socket.js';
import type { Server } from '../helpers/server.js';
import { packet, percentDecoded, type Vars } from '../helpers/uwsgi-packet.js';
import { ask, portFor, startBoth } from './uwsgi-server.js';

type Environ = Readonly<Record<string, unknown>>;

interface Difference {
  readonly key: string;
  readonly why: string;
  /** Whether what the two have is what `why` explains. */
  explains(http: unknown, uwsgi: unknown, request: Request): boolean;
}

/** Every difference there may be. Whatever else differs is a mistake. */
const DIFFERENCES: readonly Difference[] = [
  {
    key: 'DOCUMENT_ROOT',
    why: 'the front server tells its own; HTTP has nothing to take it from',
    explains: (http, uwsgi) => http === undefined && uwsgi === '/srv/www',
  },
  {
    key: 'REQUEST_SCHEME',
    why: 'the front server tells how its client came; wsgi.url_scheme says it in both cases',
    explains: (http, uwsgi) => http === undefined && uwsgi === 'http',
  },
  {
    key: 'tsuwsgi.request_id',
    why: 'each request has its own',
    explains: (http, uwsgi) => [http, uwsgi].every((id) => /^\d+-\d+-\d+$/.test(String(id))),
  },
  {
    key: 'CONTENT_LENGTH',
    why: 'a front server takes chunks apart and knows the length; over HTTP it is not known when the request begins',
    explains: (http, uwsgi, { body, chunked }) =>
      chunked && http === undefined && uwsgi === String(body.length),
  },
];

/** A request as a front server has understood it. */
interface Request {
  readonly method: string;
  readonly target: string;
  readonly protocol: string;
  readonly fields: Vars;
  readonly body: string;
  readonly chunked: boolean;
  /** What goes over HTTP: head and body. */
  readonly bytes: string;
}

const LARGEST_BODY = 100_000;
const CHUNKS = '4;x=y\r\nbody\r\n0\r\nX-T: t\r\n\r\n';

function bodyOf(file: FixtureFile): { body: string; sent: string; chunked: boolean } | undefined {
  const [kind = 'none', length = '0'] = (file.get('body') ?? 'none').split(' ');
  if (kind === 'chunked') return { body: 'body', sent: CHUNKS, chunked: true };
  if (Number(length) > LARGEST_BODY) return undefined;
  const body = 'b'.repeat(Number(length));
  return { body, sent: body, chunked: false };
}

/** Reads a head that is known to be well-formed. */
function requestOf(file: FixtureFile): Request | undefined {
  const body = bodyOf(file);
  if (body === undefined) return undefined;
  const rest = file.get('rest') ?? '';
  const head = file.bytes.slice(0, file.bytes.length - rest.length);
  const [line = '', ...lines] = head.replace(/^\r\n/, '').split('\r\n').slice(0, -2);
  const [method = '', target = '', version = ''] = line.split(' ');
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  const fields = lines.map((field) => {
    const [, name = '', value = ''] = /^([^:]*):[ \t]*(.*?)[ \t]*$/s.exec(field) ?? [];
    return [name, value] as const;
  });
  return {
    method,
    target: absolute === null ? target : (absolute[2] ?? '').replace(/^(?=\?|$)/, '/'),
    protocol: version === 'HTTP/1.0' ? version : 'HTTP/1.1',
    fields: absolute === null ? fields : withHost(fields, absolute[1] ?? ''),
    body: body.body,
    chunked: body.chunked,
    bytes: head + body.sent,
  };
}

/** The authority of an absolute target takes the place of Host. */
function withHost(fields: Vars, host: string): Vars {
  return [['Host', host], ...fields.filter(([name]) => name.toLowerCase() !== 'host')];
}

/** nginx leaves out names with an underscore unless it is told otherwise. */
function fieldVars(fields: Vars): Vars {
  return fields
    .filter(([name]) => !name.includes('_'))
    .map(([name, value]) => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value] as const);
}

/** As front servers do that combine repeated fields before they pass them on. */
function combined(vars: Vars): Vars {
  const values = new Map<string, string>();
  for (const [key, value] of vars) {
    const before = values.get(key);
    const separator = key === 'HTTP_COOKIE' ? '; ' : ', ';
    values.set(key, before === undefined ? value : before + separator + value);
  }
  return [...values];
}

/** What nginx's uwsgi_params make of a request of `client`. */
function packetOf(request: Request, client: number, server: Server, repeated: boolean): Buffer {
  const { method, target, protocol, fields, body } = request;
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const vars = fieldVars(fields);
  const contentType = new Map(combined(vars)).get('HTTP_CONTENT_TYPE') ?? '';
  const measured = vars.some(([key]) => /^HTTP_(CONTENT_LENGTH|TRANSFER_ENCODING)$/.test(key));
  return Buffer.concat([
    packet([
      ['QUERY_STRING', question < 0 ? '' : target.slice(question + 1)],
      ['REQUEST_METHOD', method],
      ['CONTENT_TYPE', contentType],
      ['CONTENT_LENGTH', measured ? String(body.length) : ''],
      ['REQUEST_URI', target],
      ['PATH_INFO', percentDecoded(path)],
      ['DOCUMENT_ROOT', '/srv/www'],
      ['SERVER_PROTOCOL', protocol],
      ['REQUEST_SCHEME', 'http'],
      ['REMOTE_ADDR', '127.0.0.1'],
      ['REMOTE_PORT', String(client)],
      ['SERVER_PORT', String(portFor(server, 'http'))],
      ['SERVER_NAME', hostname()],
      ...(repeated ? vars : combined(vars)),
    ]),
    Buffer.from(body),
  ]);
}

function expectSame(http: Environ, uwsgi: Environ, request: Request): void {
  const keys = new Set([...Object.keys(http), ...Object.keys(uwsgi)]);
  const wrong = [...keys].filter((key) => {
    if (http[key] === uwsgi[key]) return false;
    return !DIFFERENCES.some(
      (difference) => difference.key === key && difference.explains(http[key], uwsgi[key], request),
    );
  });
  assert.deepEqual(
    wrong.map((key) => ({ key, http: http[key], uwsgi: uwsgi[key] })),
    [],
  );
}

/** Paths that the fixtures have not: what decoding them may give. */
const TARGETS = [
  '/%ff',
  '/%c3%28',
  '/%00%0a%0d%7f',
  '/caf%C3%A9/%F0%9F%98%80?n=%C3%A9',
  '/a%2Fb%3Fc%23d%25',
  '/%41%zz%4',
  '/a+b?c+d',
  "/~a/b;c=d,e:f@g!$&'()*",
  '/?',
  '/??a=?b',
];

function plainRequest(target: string): Request {
  return {
    method: 'GET',
    target,
    protocol: 'HTTP/1.1',
    fields: [['Host', 'a.test']],
    body: '',
    chunked: false,
    bytes: `GET ${target} HTTP/1.1\r\nHost: a.test\r\n\r\n`,
  };
}

describe('environ over HTTP and over uwsgi', () => {
  const LIMITS = ['--buffer-size', '65535', '--limit-headers', '4096', '--limit-target', '16k'];
  let server: Server;
  before(async () => {
    server = await startBoth('environ.ts', ['--disable-logging', ...LIMITS]);
  });
  after(() => server.stop());

  const files = readFixtures('http1/heads/valid');
  it('has fixtures to compare', () => assert.ok(files.filter(requestOf).length >= 70));

  const compare = async (request: Request): Promise<void> => {
    const { method, bytes } = request;
    const client = await RawSocket.connect(portFor(server, 'http'));
    const response = await client.request(bytes, { method });
    const port = client.localPort;
    client.close();
    for (const repeated of [true, false]) {
      const answer = await ask(server, packetOf(request, port, server, repeated), { method });
      assert.equal(answer.status, response.status);
      if (method === 'HEAD') continue;
      expectSame(JSON.parse(response.text) as Environ, JSON.parse(answer.text) as Environ, request);
    }
  };

  for (const file of files) {
    const request = requestOf(file);
    if (request !== undefined) it(`is the same for ${file.name}`, () => compare(request));
  }

  for (const target of TARGETS) {
    it(`is the same for ${target}`, () => compare(plainRequest(target)));
  }
});
