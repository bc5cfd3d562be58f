/**
 * `--static-map` and its relatives: files that are delivered without asking the application. What is no file, or may not
 * be delivered, goes to the application, as in uWSGI. docs/static-files.md has the rules.
 */
import { closeSync } from 'node:fs';
import type { Application, Environ, Header, ResponseBody, StartResponse } from '../../app/types.js';
import type { Config } from '../../config/config.js';
import { accepted } from '../../config/parsed.js';
import { parsePattern } from '../../config/path-patterns.js';
import type { Logger } from '../../log/logger.js';
import { ContentTypes } from './content-types.js';
import { wrapFile } from '../gateway/file-body.js';
import { isBelow } from '../gateway/path-info.js';
import { normalMount } from '../mounts.js';
import {
  acceptedCodings,
  expiresAt,
  expiryRules,
  notModified,
  parseRange,
  rangeCounts,
} from './static-headers.js';
import { StaticRoot, type FoundFile } from './static-roots.js';

const BLOCK_BYTES = 64 * 1024;
const SUFFIX = { br: '.br', gzip: '.gz' } as const;

interface Place {
  /** Part of the path that leads here; empty: every path. */
  readonly mount: string;
  readonly root: StaticRoot;
  /** What is looked for below the root. */
  readonly below: (path: string) => string;
}

/** A file to deliver, and how it is kept. */
interface Choice {
  readonly file: FoundFile;
  /** The file that was asked for: its name decides the content type. */
  readonly name: string;
  readonly coding: 'br' | 'gzip' | undefined;
  /** Other clients may get another file for the same path. */
  readonly varies: boolean;
}

/** The application with files in front of it; itself where no option names any. */
export function serveStatic(
  config: Config,
  application: Application,
  logger: Logger,
  served: () => void,
): Application {
  const places = placesOf(config, logger);
  if (places.length === 0) return application;
  const files = new StaticFiles(config, places, logger);
  return (environ, startResponse) => {
    const method = environ.REQUEST_METHOD;
    if (method !== 'GET' && method !== 'HEAD') return application(environ, startResponse);
    const choice = files.choose(environ);
    if (choice === undefined) return application(environ, startResponse);
    served();
    return files.deliver(choice, environ, startResponse);
  };
}

function placesOf(config: Config, logger: Logger): Place[] {
  const rootOf = (directory: string): StaticRoot =>
    new StaticRoot(directory, config.staticSafe, config.staticIndex);
  const checks = config.checkStatic.map((directory) => {
    logger.fact(`[uwsgi-static] added check for ${directory}`);
    return { mount: '', root: rootOf(directory), below: (path: string) => path };
  });
  const maps = [
    ...config.staticMap.map((pair) => ({ ...pair, keep: false })),
    ...config.staticMap2.map((pair) => ({ ...pair, keep: true })),
  ].map(({ name, value, keep }) => {
    logger.fact(`[uwsgi-static] added mapping for ${name} => ${value}`);
    const mount = normalMount(name);
    const below = (path: string): string => (keep ? path : path.slice(mount.length));
    return { mount, root: rootOf(value), below };
  });
  return [...checks, ...maps.sort((a, b) => b.mount.length - a.mount.length)];
}

class StaticFiles {
  readonly #places: readonly Place[];
  readonly #logger: Logger;
  readonly #skipped: readonly string[];
  readonly #types: ContentTypes;
  readonly #expiry: ReturnType<typeof expiryRules>;
  readonly #ranges: boolean;
  readonly #compressed: (path: string) => boolean;

  constructor(config: Config, places: readonly Place[], logger: Logger) {
    this.#places = places;
    this.#logger = logger;
    this.#skipped = config.staticSkipExt;
    this.#ranges = config.honourRange;
    this.#types = new ContentTypes(config.mimefile, (file) =>
      logger.warn(`!!! no ${file} file found !!! (mimefile)`),
    );
    this.#expiry = expiryRules(config);
    this.#compressed = compressedRule(config);
  }

  /** The file for a request; undefined: the application answers. */
  choose(environ: Environ): Choice | undefined {
    const path = environ.PATH_INFO;
    if (this.#skips(path)) return undefined;
    for (const { mount, root, below } of this.#places) {
      if (mount !== '' && !isBelow(path, mount)) continue;
      const found = root.find(below(path));
      if (found === 'refused') this.#refuse(path);
      if (typeof found === 'string') continue;
      if (!this.#skips(found.path)) return this.#encoded(found, root, environ);
      closeSync(found.fd);
    }
    return undefined;
  }

  deliver(choice: Choice, environ: Environ, startResponse: StartResponse): ResponseBody {
    const { file, name, coding } = choice;
    const type = this.#types.of(name);
    const headers: Header[] = [];
    const expires = this.#expiresHeader(choice, type, environ);
    if (expires !== undefined) headers.push(['Expires', expires]);
    if (coding !== undefined) headers.push(['Content-Encoding', coding]);
    if (choice.varies) headers.push(['Vary', 'Accept-Encoding']);
    const modified = new Date(file.stat.mtimeMs).toUTCString();
    if (notModified(environ.HTTP_IF_MODIFIED_SINCE, file.stat.mtimeMs)) {
      closeSync(file.fd);
      startResponse('304 Not Modified', headers);
      return '';
    }
    if (type !== undefined) headers.push(['Content-Type', type]);
    headers.push(['Last-Modified', modified]);
    return this.#send(file, headers, environ, startResponse);
  }

  /** The descriptor is the response's from here on: also where a header is refused, it is closed. */
  #send(
    file: FoundFile,
    headers: readonly Header[],
    environ: Environ,
    startResponse: StartResponse,
  ): ResponseBody {
    try {
      return this.#begin(file, headers, environ, startResponse);
    } catch (error) {
      closeSync(file.fd);
      throw error;
    }
  }

  #begin(
    { fd, stat }: FoundFile,
    headers: readonly Header[],
    environ: Environ,
    startResponse: StartResponse,
  ): ResponseBody {
    const range = this.#rangeOf(environ, stat.size, stat.mtimeMs);
    if (range === 'impossible') {
      const unsatisfied: Header = ['Content-Range', `bytes */${stat.size}`];
      startResponse('416 Range Not Satisfiable', [unsatisfied, ['Content-Length', '0']]);
      closeSync(fd);
      return '';
    }
    const { start, end } = range ?? { start: 0, end: stat.size };
    const length: Header = ['Content-Length', String(end - start)];
    if (range === undefined) startResponse('200 OK', [length, ...headers]);
    else {
      const content: Header = ['Content-Range', `bytes ${start}-${end - 1}/${stat.size}`];
      startResponse('206 Partial Content', [length, content, ...headers]);
    }
    if (end > start) return wrapFile(fd, BLOCK_BYTES, { start, end });
    closeSync(fd);
    return '';
  }

  #rangeOf(environ: Environ, size: number, mtimeMs: number) {
    if (!this.#ranges || !rangeCounts(environ.HTTP_IF_RANGE, mtimeMs)) return undefined;
    return parseRange(environ.HTTP_RANGE, size);
  }

  #expiresHeader(choice: Choice, type: string | undefined, environ: Environ): string | undefined {
    const { mtimeMs } = choice.file.stat;
    const file = {
      path: choice.name,
      uri: environ.REQUEST_URI,
      pathInfo: environ.PATH_INFO,
      type,
      mtimeMs,
    };
    return expiresAt(this.#expiry, file, Date.now());
  }

  /** The compressed file beside it, where there is one that the client takes. */
  #encoded(plain: FoundFile, root: StaticRoot, environ: Environ): Choice {
    const varies = this.#compressed(plain.path);
    const choice: Choice = { file: plain, name: plain.path, coding: undefined, varies };
    if (!varies) return choice;
    for (const coding of acceptedCodings(environ.HTTP_ACCEPT_ENCODING)) {
      const file = root.findReal(plain.path + SUFFIX[coding]);
      if (typeof file === 'string') continue;
      closeSync(plain.fd);
      return { ...choice, file, coding };
    }
    return choice;
  }

  #skips(path: string): boolean {
    return this.#skipped.some((suffix) => path.endsWith(suffix));
  }

  #refuse(path: string): void {
    this.#logger.warn(
      `[uwsgi-fileserve] security error: ${path} leads out of its directory and of every static-safe`,
      { reason: 'static-outside', path },
    );
  }
}

function compressedRule(config: Config): (path: string) => boolean {
  const { staticGzip, staticGzipAll, staticGzipDir, staticGzipExt } = config;
  const patterns = accepted(staticGzip, parsePattern);
  return (path) =>
    staticGzipAll ||
    patterns.some((pattern) => pattern.test(path)) ||
    staticGzipDir.some((directory) => path.startsWith(directory)) ||
    staticGzipExt.some((suffix) => path.endsWith(suffix));
}
