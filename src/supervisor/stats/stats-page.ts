/** The page that draws the statistics: files of its own (page/ in the sources), read once, served as they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StatsResponse } from './stats-http.js';

const DIRECTORY = fileURLToPath(new URL('../../page/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/** Everything comes from this server, and nothing may show the page inside of itself. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
};

export class StatsPage {
  readonly headers = HEADERS;
  readonly #directory: string;
  #files: ReadonlyMap<string, StatsResponse> | undefined;

  constructor(directory: string = DIRECTORY) {
    this.#directory = directory;
  }

  document(): StatsResponse {
    return (
      this.#read().get('index.html') ?? {
        status: 404,
        type: 'text/plain; charset=utf-8',
        body: 'this installation has no page; the statistics are at /stats\n',
      }
    );
  }

  /** What the page is made of, below `/page/`. */
  part(path: string): (() => StatsResponse) | undefined {
    const file = this.#read().get(path.replace(/^\/page\//, ''));
    if (file === undefined || !path.startsWith('/page/')) return undefined;
    return () => ({ ...file, headers: HEADERS });
  }

  #read(): ReadonlyMap<string, StatsResponse> {
    this.#files ??= new Map(
      namesIn(this.#directory).flatMap((name) => {
        const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
        if (type === undefined) return [];
        const body = readFileSync(`${this.#directory}/${name}`, 'utf8');
        return [[name, { status: 200, type, body }]];
      }),
    );
    return this.#files;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
