/**
 * An application for tests that look at the wire. What a path does:
 * `/echo` sends the body back, `/length` its length, `/environ` the text entries of the environ as JSON,
 * `/wait/NAME` answers when `/release/NAME` was requested, `/head/NAME` with that name in a header, `/held/NAME` both, `/block/MS` keeps JavaScript busy, `/big/N` sends N bytes at once,
 * `/pieces/N` N pieces of 64 KiB from a generator, `/until-abort` waits for the request's signal, `/spooled/NAME` tells whether its body (or another) is a file in a directory of that name, `/hidden` notes that it ran. `/events` tells what happened.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Application, Environ, ResponseBody, StartResponse } from '../../src/app/types.js';

const PIECE = Buffer.alloc(65_536, 'p');

/** Names of what happened, in order: `started X`, `pieces closed after N`, `aborted for REASON`. */
const events: string[] = [];
const gates = new Map<string, Gate>();
/** Pieces and big answers so far. */
let produced = 0;

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(name: string): Gate {
  const known = gates.get(name);
  if (known !== undefined) return known;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const fresh = { opened, open };
  gates.set(name, fresh);
  return fresh;
}

export const application: Application = (environ, startResponse) => {
  const [, kind = '', argument = ''] = environ.PATH_INFO.split('/');
  switch (kind) {
    case 'echo':
      return respond(startResponse, environ['wsgi.input'].read());
    case 'length':
      return respond(startResponse, String(environ['wsgi.input'].read().length));
    case 'environ':
      return respond(startResponse, JSON.stringify(texts(environ)));
    case 'wait':
      return wait(argument, startResponse);
    case 'head':
      return named(argument, startResponse);
    case 'held':
      return held(argument, startResponse);
    case 'release':
      gate(argument).open();
      return respond(startResponse, 'released');
    case 'block':
      return block(Number(argument), environ, startResponse);
    case 'big':
      produced += 1;
      return respond(startResponse, Buffer.alloc(Number(argument), 'b'));
    case 'pieces':
      startResponse('200 OK', []);
      return pieces(Number(argument));
    case 'spooled':
      return respond(startResponse, isSpooled(argument) ? 'file' : 'memory');
    case 'until-abort':
      return untilAbort(environ, startResponse);
    case 'hidden':
      events.push(`hidden ${environ.REQUEST_METHOD}`);
      return respond(startResponse, 'hidden');
    case 'events':
      return respond(startResponse, JSON.stringify({ events, produced }));
    default:
      return respond(startResponse, kind);
  }
};

function respond(startResponse: StartResponse, body: string | Uint8Array): ResponseBody {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return body;
}

function texts(environ: Environ): Record<string, string> {
  const entries = Object.entries(environ).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}

async function wait(name: string, startResponse: StartResponse): Promise<ResponseBody> {
  events.push(`started ${name}`);
  await gate(name).opened;
  return respond(startResponse, name);
}

/** A head that differs from others in one value only. */
function named(name: string, startResponse: StartResponse): ResponseBody {
  startResponse('200 OK', [['X-Name', name]]);
  return name;
}

/** Its head is decided long before its body. */
async function held(name: string, startResponse: StartResponse): Promise<ResponseBody> {
  const body = named(name, startResponse);
  events.push(`started ${name}`);
  await gate(name).opened;
  return body;
}

function block(ms: number, environ: Environ, startResponse: StartResponse): ResponseBody {
  environ['wsgi.errors'].write(`blocking for ${ms} ms\n`);
  const end = performance.now() + ms;
  while (performance.now() < end);
  return respond(startResponse, 'blocked');
}

function* pieces(count: number): Generator<Uint8Array> {
  let sent = 0;
  try {
    for (; sent < count; sent += 1) {
      produced += 1;
      yield PIECE;
    }
  } finally {
    events.push(`pieces closed after ${sent}`);
  }
}

function isSpooled(directory: string): boolean {
  const descriptors = '/proc/self/fd';
  return readdirSync(descriptors).some((fd) => {
    try {
      return readlinkSync(join(descriptors, fd)).includes(`/${directory}/`);
    } catch {
      return false; // the one that the listing itself had open
    }
  });
}

async function untilAbort(environ: Environ, startResponse: StartResponse): Promise<ResponseBody> {
  const signal = environ['tsuwsgi.signal'];
  events.push('started until-abort');
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const { reason } = signal.reason as { reason: string };
  events.push(`aborted for ${reason}`);
  return respond(startResponse, 'nobody reads this');
}
