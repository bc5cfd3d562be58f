/** A client that sends and receives bodies piece by piece and keeps only their hashes. */
import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { within } from '../helpers/wait-until.js';
import type { SentBody } from './bytes.js';

/** Bodies up to this size are kept as text too. */
const KEPT_BYTES = 65_536;
const LIMIT_MS = 20_000;

export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: SentBody;
  /** Send the body in chunks, without its length. */
  readonly chunked?: true;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
  readonly sha256: string;
  readonly text: string;
}

/** One request on a connection of its own. Rejects where the connection breaks before the answer's end. */
export async function ask(port: number, question: Question): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body, chunked } = question;
  const length = body === undefined || chunked ? {} : { 'Content-Length': String(body.length) };
  const outgoing = httpRequest({
    ...{ host: '127.0.0.1', port, method, path, agent: false },
    headers: { ...headers, ...length },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
  const sent = pipeline(Readable.from(body?.pieces() ?? []), outgoing);
  sent.catch(() => undefined);
  try {
    const response = await within(answered, `an answer to ${method} ${path}`, LIMIT_MS);
    return await within(readAnswer(response), `the body of ${path}`, LIMIT_MS);
  } finally {
    outgoing.destroy();
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
    if (bytes <= KEPT_BYTES) kept.push(piece);
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    bytes,
    sha256: hash.digest('hex'),
    text: Buffer.concat(kept).toString('utf8'),
  };
}

/** What came of a request: an answer, or the reason why there is none. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'broken'; readonly reason: string };

export async function tryAsking(port: number, question: Question): Promise<Outcome> {
  try {
    return { kind: 'answered', answer: await ask(port, question) };
  } catch (error) {
    return { kind: 'broken', reason: String(error) };
  }
}
