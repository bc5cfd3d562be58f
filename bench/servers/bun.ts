/** Bun.serve with one fetch handler. Runs under Bun, never under Node. */
import type { AppName } from '../payloads.js';
import {
  delayMilliseconds,
  keepAliveSeconds,
  payloadPath,
  readArguments,
  readDocument,
  readPayload,
} from './arguments.js';

type Handler = (request: Request) => Response | Promise<Response>;

declare const Bun: {
  serve(options: { hostname: string; port: number; idleTimeout: number; fetch: Handler }): unknown;
  file(path: string): Blob;
  sleep(milliseconds: number): Promise<void>;
};

const octets = { headers: { 'Content-Type': 'application/octet-stream' } };
/** Bun closes where the request asks for it but does not say so, which a load generator would count as an error. */
const closing: Record<string, string> = process.env['BENCH_CLOSE'] ? { Connection: 'close' } : {};
const html = { headers: { 'Content-Type': 'text/html', ...closing } };

const hello = (): Response => new Response('Hello World', html);

function json(): Handler {
  const document = readDocument();
  return () => Response.json(document);
}

function large(): Handler {
  const body = readPayload('large.bin');
  return () => new Response(body, octets);
}

function file(): Handler {
  const path = payloadPath('file.bin');
  return () => new Response(Bun.file(path), octets);
}

const handlers: Readonly<Record<AppName, () => Handler>> = {
  hello: () => hello,
  json,
  echo: () => async (request) => new Response(await request.arrayBuffer(), octets),
  large,
  file,
  delay: () => async () => {
    await Bun.sleep(delayMilliseconds);
    return hello();
  },
};

const { app, port } = readArguments();
Bun.serve({ hostname: '127.0.0.1', port, idleTimeout: keepAliveSeconds, fetch: handlers[app]() });
