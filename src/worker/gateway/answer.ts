/** From what an application returned to a response: one branch for each kind of ResponseBody. */
import { GatewayError } from '../../app/errors.js';
import type { Chunk } from '../../app/types.js';
import { closeBody, isThenable, strangePiece } from './body-pump.js';
import type { Exchange } from './exchange.js';
import { FileWrapperBody, type OpenFile } from './file-body.js';
import { EMPTY_BODY } from './outbox.js';
import { describe } from './response-head.js';

/** Lists up to this size are joined and sent as one body. */
const JOIN_BYTES = 32 * 1024;

/**
 * Answers with `result`, now or when it is there. Throws what should become a 500 or a cut
 * connection.
 */
export function answer(exchange: Exchange, result: unknown): void {
  if (typeof result === 'string' || result instanceof Uint8Array) exchange.complete(result);
  else if (Array.isArray(result) && typeof (result as { close?: unknown }).close !== 'function') {
    answerList(exchange, result);
  } else answerObject(exchange, result);
}

function answerList(exchange: Exchange, list: readonly unknown[]): void {
  const [first] = list;
  if (list.length === 0) exchange.complete(EMPTY_BODY);
  else if (list.length === 1 && isChunk(first)) exchange.complete(first);
  else if (allChunks(list)) answerChunks(exchange, list);
  else answerOtherList(exchange, list);
}

/** What is wrong is found before anything is sent, unless it is behind promises, which are awaited one by one. */
function answerOtherList(exchange: Exchange, list: readonly unknown[]): void {
  const strange = list.find((item) => !isChunk(item) && item !== null && item !== undefined);
  if (strange !== undefined && !list.some(isThenable)) throw strangePiece(strange);
  exchange.iterate(list);
}

function answerChunks(exchange: Exchange, list: readonly Chunk[]): void {
  let total = 0;
  for (const chunk of list) total += byteLength(chunk);
  if (total <= JOIN_BYTES) {
    exchange.complete(Buffer.concat(list.map(toBytes)));
  } else {
    exchange.expectLength(total);
    exchange.iterate(list);
  }
}

function answerObject(exchange: Exchange, result: unknown): void {
  if (result === undefined || result === null) exchange.complete(EMPTY_BODY);
  else if (isThenable(result)) awaitResult(exchange, result);
  else if (result instanceof FileWrapperBody) answerFile(exchange, result);
  else if (typeof result === 'object') exchange.iterate(result);
  else {
    throw new GatewayError(
      'ERR_TSUWSGI_BODY',
      `the application returned ${describe(result)}: expected a string, bytes, an iterable of them, or a stream`,
    );
  }
}

function awaitResult(exchange: Exchange, promise: PromiseLike<unknown>): void {
  const scope = exchange.register();
  promise.then(
    (result) => scope.runInAsyncScope(settle, undefined, exchange, result),
    (error: unknown) => exchange.fail(error),
  );
}

/** A promise gave its result; the request may be gone by now. */
function settle(exchange: Exchange, result: unknown): void {
  if (exchange.over) {
    if (typeof result === 'object' && result !== null) {
      close(exchange, result);
    }
    return;
  }
  try {
    answer(exchange, result);
  } catch (error) {
    exchange.fail(error);
  }
}

function answerFile(exchange: Exchange, body: FileWrapperBody): void {
  if (exchange.begun) {
    exchange.iterate(body.stream() ?? body);
    return;
  }
  const opening = openFile(exchange, body);
  if (opening === undefined) exchange.iterate(body.stream() ?? body);
  else if (opening instanceof Promise) awaitFile(exchange, body, opening);
  else sendFile(exchange, body, opening);
}

/** Throws what the system says; the file is closed then. */
function openFile(exchange: Exchange, body: FileWrapperBody): ReturnType<FileWrapperBody['open']> {
  try {
    return body.open();
  } catch (error) {
    close(exchange, body);
    throw error;
  }
}

function close(exchange: Exchange, body: object): void {
  closeBody(body, undefined, (error) => exchange.complain(error));
}

function awaitFile(
  exchange: Exchange,
  body: FileWrapperBody,
  opening: Promise<OpenFile | undefined>,
): void {
  exchange.register();
  opening.then(
    (file) => {
      if (file === undefined) settle(exchange, body.stream());
      else sendFile(exchange, body, file);
    },
    (error: unknown) => {
      close(exchange, body);
      exchange.fail(error);
    },
  );
}

/** Gives the descriptor to the core, or back to the system where nothing is to be sent from it. */
function sendFile(exchange: Exchange, body: FileWrapperBody, file: OpenFile): void {
  try {
    if (exchange.over || !exchange.completeWithFile(file)) file.release();
  } catch (error) {
    file.release();
    exchange.fail(error);
  } finally {
    close(exchange, body);
  }
}

/** Looks at holes too, which every() leaves out. */
function allChunks(list: readonly unknown[]): list is readonly Chunk[] {
  return list.findIndex((item) => !isChunk(item)) < 0;
}

function isChunk(item: unknown): item is Chunk {
  return typeof item === 'string' || item instanceof Uint8Array;
}

function byteLength(chunk: Chunk): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
}

function toBytes(chunk: Chunk): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}
