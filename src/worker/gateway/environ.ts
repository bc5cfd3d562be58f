import type { BoundaryConstants } from '../../binding/native.js';
import type { Environ, ErrorStream, FileWrapper, InputStream } from '../../app/types.js';
import { setOwnHarakiri } from './own-limits.js';
import { decodePath, originPath, pathBelow, utf8Text } from './path-info.js';
import type { Peer } from './peers.js';
import { rawBufferOver, type RawBuffer } from './raw-buffer.js';

/** The environ entries that are the same for every request of a worker. */
export interface WorkerFacts {
  readonly serverName: string;
  readonly version: string;
  readonly node: string;
  readonly multithread: boolean;
  readonly multiprocess: boolean;
  readonly errors: ErrorStream;
  readonly fileWrapper: FileWrapper;
}

const TEXT_KEY = 0xffff;
const PAIR_WORDS = 4;
const QUESTION_LENGTH = 1;

/** The core remembers few header sections; each of ours keeps one environ. */
type Template = Environ;

/**
 * Builds environ objects from REQUEST records. A request whose header section the core has seen
 * before is a copy of that section's template; any other is built from one string that covers the
 * whole head.
 */
export class EnvironBuilder {
  readonly #words: Uint32Array;
  readonly #bytes: RawBuffer;
  readonly #keys: readonly string[];
  readonly #request: BoundaryConstants['requestWord'];
  readonly #flag: BoundaryConstants['requestFlag'];
  readonly #facts: WorkerFacts;
  readonly #templates: (Template | undefined)[];

  constructor(
    inbox: ArrayBuffer,
    constants: BoundaryConstants,
    keys: readonly string[],
    facts: WorkerFacts,
  ) {
    this.#words = new Uint32Array(inbox);
    this.#bytes = rawBufferOver(inbox);
    this.#keys = keys;
    this.#request = constants.requestWord;
    this.#flag = constants.requestFlag;
    this.#facts = facts;
    this.#templates = new Array<Template | undefined>(constants.maxTemplates).fill(undefined);
  }

  /**
   * The environ of the REQUEST record at word `at`, complete but for `wsgi.input` and
   * `tsuwsgi.signal`.
   */
  build(at: number, peer: Peer): Environ {
    const flags = this.#words[at + this.#request.FLAGS] as number;
    if ((flags & this.#flag.UWSGI) !== 0) return this.#fromPacket(at, flags, peer);
    const environ =
      (flags & this.#flag.TEMPLATE_HIT) !== 0
        ? this.#fromTemplate(at, flags)
        : this.#parse(at, flags);
    setPeer(environ, peer);
    return environ;
  }

  /**
   * A front server says over the uwsgi protocol who the client is, and what the path is once decoded;
   * where it does not, the connection and the target do.
   */
  #fromPacket(at: number, flags: number, peer: Peer): Environ {
    const text = this.#text(at);
    const environ = baseEnviron(this.#facts);
    setPeer(environ, peer);
    environ.PATH_INFO = NOT_GIVEN;
    environ.QUERY_STRING = NOT_GIVEN;
    environ.SERVER_PROTOCOL = (flags & this.#flag.HTTP_1_0) === 0 ? 'HTTP/1.1' : 'HTTP/1.0';
    this.#pairs(environ, at, text);
    const target = this.#words[at + this.#request.METHOD_LENGTH] as number;
    const end = target + (this.#words[at + this.#request.TARGET_LENGTH] as number);
    const query = target + (this.#words[at + this.#request.PATH_LENGTH] as number);
    environ.REQUEST_METHOD = text.substring(0, target);
    environ.REQUEST_URI = text.substring(target, end);
    environ.SCRIPT_NAME = utf8Text(environ.SCRIPT_NAME);
    environ.PATH_INFO =
      environ.PATH_INFO === NOT_GIVEN
        ? pathBelow(environ.SCRIPT_NAME, decodePath(originPath(text.substring(target, query))))
        : utf8Text(environ.PATH_INFO);
    if (environ.QUERY_STRING === NOT_GIVEN) {
      environ.QUERY_STRING = query < end ? text.substring(query + QUESTION_LENGTH, end) : '';
    }
    if ((flags & this.#flag.HTTPS) !== 0) environ['wsgi.url_scheme'] = 'https';
    return environ;
  }

  #fromTemplate(at: number, flags: number): Environ {
    const id = this.#words[at + this.#request.TEMPLATE] as number;
    const template = this.#templates[id];
    if (template === undefined)
      throw new Error(`the core used environ template ${id} before its definition`);
    if ((flags & this.#flag.SAME_LINE) === 0) this.#line(template, at, flags, this.#text(at));
    return { ...template };
  }

  #parse(at: number, flags: number): Environ {
    const text = this.#text(at);
    const environ = baseEnviron(this.#facts);
    this.#line(environ, at, flags, text);
    this.#pairs(environ, at, text);
    if ((flags & this.#flag.TEMPLATE_DEFINE) !== 0) {
      this.#templates[this.#words[at + this.#request.TEMPLATE] as number] = packed(environ);
    }
    return environ;
  }

  #text(at: number): string {
    const start = at * 4 + (this.#words[at + this.#request.TEXT_AT] as number);
    return this.#bytes.latin1Slice(
      start,
      start + (this.#words[at + this.#request.TEXT_LENGTH] as number),
    );
  }

  /** Method, target and protocol. */
  #line(environ: Environ, at: number, flags: number, text: string): void {
    const words = this.#words;
    const target = words[at + this.#request.METHOD_LENGTH] as number;
    const end = target + (words[at + this.#request.TARGET_LENGTH] as number);
    const query = target + (words[at + this.#request.PATH_LENGTH] as number);
    environ.REQUEST_METHOD = text.substring(0, target);
    environ.REQUEST_URI = text.substring(target, end);
    const path = originPath(text.substring(target, query));
    environ.PATH_INFO = (flags & this.#flag.PATH_ENCODED) === 0 ? path : decodePath(path);
    environ.QUERY_STRING = query < end ? text.substring(query + QUESTION_LENGTH, end) : '';
    environ.SERVER_PROTOCOL = (flags & this.#flag.HTTP_1_0) === 0 ? 'HTTP/1.1' : 'HTTP/1.0';
  }

  #pairs(environ: Environ, at: number, text: string): void {
    const words = this.#words;
    const first = at + this.#request.FIRST_PAIR;
    const last = first + (words[at + this.#request.PAIRS] as number) * PAIR_WORDS;
    for (let pair = first; pair < last; pair += PAIR_WORDS) {
      const known = words[pair] as number;
      const id = known >>> 16;
      const keyAt = words[pair + 1] as number;
      const valueAt = words[pair + 2] as number;
      const key =
        id === TEXT_KEY
          ? text.substring(keyAt, keyAt + (known & 0xffff))
          : (this.#keys[id] as string);
      environ[key] = text.substring(valueAt, valueAt + (words[pair + 3] as number));
    }
  }
}

const UNREAD_INPUT = undefined as unknown as InputStream;
const NO_SIGNAL = undefined as unknown as AbortSignal;
/** A variable that the front server did not send. */
const NOT_GIVEN = undefined as unknown as string;

const WSGI_VERSION = Object.freeze([1, 0] as const);

function setPeer(environ: Environ, peer: Peer): void {
  environ.REMOTE_ADDR = peer.address;
  environ.REMOTE_PORT = peer.port;
  environ.SERVER_PORT = peer.serverPort;
  environ['uwsgi.core'] = peer.core;
}

/**
 * Every fixed key in the order a listing shows them; the per-request ones are placeholders. A
 * literal, because adding keys to a copied object costs Node 20 microseconds a key.
 */
function baseEnviron(facts: WorkerFacts): Environ {
  return {
    REQUEST_METHOD: '',
    SCRIPT_NAME: '',
    PATH_INFO: '',
    QUERY_STRING: '',
    REQUEST_URI: '',
    SERVER_NAME: facts.serverName,
    SERVER_PORT: '',
    SERVER_PROTOCOL: '',
    REMOTE_ADDR: '',
    REMOTE_PORT: '',
    'wsgi.version': WSGI_VERSION,
    'wsgi.url_scheme': 'http',
    'wsgi.input': UNREAD_INPUT,
    'wsgi.errors': facts.errors,
    'wsgi.multithread': facts.multithread,
    'wsgi.multiprocess': facts.multiprocess,
    'wsgi.run_once': false,
    'wsgi.input_terminated': true,
    'wsgi.file_wrapper': facts.fileWrapper,
    'uwsgi.version': facts.version,
    'uwsgi.node': facts.node,
    'uwsgi.core': 0,
    'tsuwsgi.signal': NO_SIGNAL,
    'tsuwsgi.setHarakiri': setOwnHarakiri,
    'tsuwsgi.request_id': '',
  };
}

/**
 * A copy of `environ` that the engine clones fast. Keys added one by one beyond a dozen turn an
 * object into a hash table, whose copy is ten times as slow; JSON.parse builds an object with all
 * of its keys in place, which then gets the values back.
 */
function packed(environ: Environ): Template {
  const shape = JSON.parse(
    JSON.stringify(Object.fromEntries(Object.keys(environ).map((key) => [key, '']))),
  ) as Template;
  return Object.assign(shape, environ);
}
