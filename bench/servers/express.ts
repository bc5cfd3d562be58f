/** Express in production mode, without X-Powered-By and ETag: no other server here computes them. */
import { createServer, type RequestListener } from 'node:http';
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

interface Response {
  type(contentType: string): Response;
  send(body: unknown): void;
  json(body: unknown): void;
  sendFile(path: string): void;
}

type Handler = (request: { readonly body: unknown }, response: Response) => void;

interface Application extends RequestListener {
  disable(setting: string): void;
  use(handler: unknown): void;
}

interface Express {
  (): Application;
  raw(options: { type: string }): unknown;
}

const octets = 'application/octet-stream';

const hello: Handler = (_request, response) => {
  response.type('text/html').send('Hello World');
};

function json(): Handler {
  const document = readDocument();
  return (_request, response) => {
    response.json(document);
  };
}

function large(): Handler {
  const body = readPayload('large.bin');
  return (_request, response) => {
    response.type(octets).send(body);
  };
}

function file(): Handler {
  const path = payloadPath('file.bin');
  return (_request, response) => {
    response.sendFile(path);
  };
}

const handlers: Readonly<Record<AppName, () => Handler>> = {
  hello: () => hello,
  json,
  echo: () => (request, response) => {
    response.type(octets).send(request.body);
  },
  large,
  file,
  delay: () => (request, response) => {
    setTimeout(() => hello(request, response), delayMilliseconds);
  },
};

const { app: name, port } = readArguments();
const express = await importPeer<Express>('express');
const app = express();
app.disable('x-powered-by');
app.disable('etag');
if (name === 'echo') app.use(express.raw({ type: octets }));
app.use(handlers[name]());
createServer({ keepAliveTimeout: keepAliveSeconds * 1000 }, app).listen(port, '127.0.0.1');
