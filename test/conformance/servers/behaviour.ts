import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/**
 * What the application does on every server, so that only the servers differ: it logs what it was run for, says in
 * `X-Seen` what it saw, and sends the request's body back. Some paths ask for more (see `answer`).
 */

/** A request as the application sees it, once its body is complete. */
export interface SeenRequest {
  readonly peer: string;
  readonly method: string;
  /** As sent. */
  readonly target: string;
  readonly body: Buffer;
  /** The value of a header field by its lower-case name. */
  header(name: string): string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly pieces: readonly Buffer[];
  /** The pieces are handed over one by one, without a length. */
  readonly streamed: boolean;
}

/** Names the file that every run of the application is written to, one JSON array `[peer, seen]` a line. */
export const LOG_VARIABLE = 'CONFORMANCE_LOG';

export function handle(request: SeenRequest): Answer {
  const seen = seenText(request.method, request.target);
  const log = process.env[LOG_VARIABLE];
  if (log !== undefined) appendFileSync(log, `${JSON.stringify([request.peer, seen])}\n`);
  return answer(request, seen);
}

/** What ran, by the address the client came from. */
export function readLog(path: string): Map<string, string[]> {
  const byPeer = new Map<string, string[]>();
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  for (const line of lines.filter((text) => text !== '')) {
    const [peer, seen] = JSON.parse(line) as [string, string];
    byPeer.set(peer, [...(byPeer.get(peer) ?? []), seen]);
  }
  return byPeer;
}

/** `METHOD TARGET` with everything that may not stand in a header as `\xHH`, long targets cut. */
function seenText(method: string, target: string): string {
  const text = `${method} ${target}`.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return text.length > 200 ? `${text.slice(0, 200)}...${text.length}` : text;
}

function answer(request: SeenRequest, seen: string): Answer {
  const [, kind = '', ...words] = pathOf(request.target).split('/');
  const headers: [string, string][] = [
    ['Content-Type', 'text/plain'],
    ['X-Seen', seen],
  ];
  const plain = { status: 200, headers, pieces: [request.body], streamed: false };
  switch (kind) {
    case 'header':
      return {
        ...plain,
        pieces: [Buffer.from(request.header(words[0] ?? '') ?? '(none)', 'latin1')],
      };
    case 'status':
      return { ...plain, status: Number(words[0]), pieces: [Buffer.from('body')] };
    case 'stream':
      return { ...plain, pieces: words.map((word) => Buffer.from(word)), streamed: true };
    case 'declare':
      headers.push(['Content-Length', words[0] ?? '']);
      return { ...plain, pieces: [Buffer.from(words[1] ?? '')], streamed: true };
    case 'add':
      headers.push([decodeURIComponent(words[0] ?? ''), decodeURIComponent(words[1] ?? '')]);
      return plain;
    default:
      return plain;
  }
}

function pathOf(target: string): string {
  return target.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/\?.*$/s, '');
}
