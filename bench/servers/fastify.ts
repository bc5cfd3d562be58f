/** Fastify as its guide shows it: no logger, one catch-all route. */
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppName } from '../payloads.js';
import {
  delayMilliseconds,
  keepAliveSeconds,
  payloadPath,
  readArguments,
  readDocument,
  readPayload,
} from './arguments.js';
import { importPeer } from './peer.js';

interface Reply {
  type(contentType: string): Reply;
  header(name: string, value: string | number): Reply;
  send(body: unknown): Reply;
}

type Handler = (request: { readonly body: unknown }, reply: Reply) => unknown;

interface Fastify {
  addContentTypeParser(
    contentType: string,
    options: { parseAs: 'buffer' },
    parse: (request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => void,
  ): void;
  route(options: { method: string[]; url: string; handler: Handler }): void;
  listen(options: { host: string; port: number }): Promise<string>;
}

const octets = 'application/octet-stream';

function json(): Handler {
  const document = readDocument();
  return () => document;
}

function large(): Handler {
  const body = readPayload('large.bin');
  return (_request, reply) => reply.type(octets).send(body);
}

function file(): Handler {
  const path = payloadPath('file.bin');
  const length = statSync(path).size;
  return (_request, reply) => {
    const stream: Readable = createReadStream(path);
    return reply.type(octets).header('Content-Length', length).send(stream);
  };
}

const hello: Handler = (_request, reply) => reply.type('text/html').send('Hello World');

const handlers: Readonly<Record<AppName, () => Handler>> = {
  hello: () => hello,
  json,
  echo: () => (request, reply) => reply.type(octets).send(request.body),
  large,
  file,
  delay: () => async (request, reply) => {
    await sleep(delayMilliseconds);
    return hello(request, reply);
  },
};

const { app, port } = readArguments();
const fastify = await importPeer<(options: object) => Fastify>('fastify');
const server = fastify({ logger: false, keepAliveTimeout: keepAliveSeconds * 1000 });
server.addContentTypeParser(octets, { parseAs: 'buffer' }, (_request, body, done) => {
  done(null, body);
});
server.route({ method: ['GET', 'POST'], url: '/*', handler: handlers[app]() });
await server.listen({ host: '127.0.0.1', port });
