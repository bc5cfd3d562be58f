/** The peer of the goals: node:http as its documentation shows it, nothing between it and the handler. */
import { createReadStream, statSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AppName } from '../payloads.js';
import {
  delayMilliseconds,
  keepAliveSeconds,
  payloadPath,
  readArguments,
  readDocument,
  readPayload,
} from './arguments.js';

const octets = 'application/octet-stream';

/** Of three ways to write this, the cheapest: setHeader, then end with a string (Node adds Content-Length). */
function hello(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/html');
  response.end('Hello World');
}

function json(): RequestListener {
  const document = readDocument();
  return (_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(document));
  };
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.setHeader('Content-Type', octets);
    response.end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  });
}

function large(): RequestListener {
  const body = readPayload('large.bin');
  return (_request, response) => {
    response.setHeader('Content-Type', octets);
    response.end(body);
  };
}

function file(): RequestListener {
  const path = payloadPath('file.bin');
  const length = statSync(path).size;
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': octets, 'Content-Length': length });
    createReadStream(path).pipe(response);
  };
}

function delay(request: IncomingMessage, response: ServerResponse): void {
  setTimeout(() => hello(request, response), delayMilliseconds);
}

const handlers: Readonly<Record<AppName, () => RequestListener>> = {
  hello: () => hello,
  json,
  echo: () => echo,
  large,
  file,
  delay: () => delay,
};

const { app, port } = readArguments();
/** Behind nginx it listens on a UNIX socket. */
const path = process.env['BENCH_SOCKET'];
const server = createServer({ keepAliveTimeout: keepAliveSeconds * 1000 }, handlers[app]());
server.listen(path === undefined ? { port, host: '127.0.0.1' } : { path });
