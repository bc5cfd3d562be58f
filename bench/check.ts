import { once } from 'node:events';
import { connect } from 'node:net';
import { payloads } from './payloads.js';
import { requestBytes } from './requests.js';
import { readResponse, type Response } from './response.js';
import type { Scenario } from './scenarios.js';

const limitMs = 10_000;

/** Sends the scenario's bytes as the load generator will, once, and collects `depth` responses. */
async function exchange(port: number, scenario: Scenario): Promise<Response[]> {
  const socket = connect(port, '127.0.0.1');
  const signal = AbortSignal.timeout(limitMs);
  try {
    await once(socket, 'connect', { signal });
    const request = requestBytes(scenario.request);
    socket.write(Buffer.concat(Array.from({ length: scenario.depth }, () => request)));
    return await collect(socket, scenario.depth, signal);
  } finally {
    socket.destroy();
  }
}

async function collect(
  socket: NodeJS.ReadableStream,
  count: number,
  signal: AbortSignal,
): Promise<Response[]> {
  const responses: Response[] = [];
  let bytes = Buffer.alloc(0);
  signal.addEventListener('abort', () => socket.emit('error', signal.reason));
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    for (let next = readResponse(bytes); next !== undefined; next = readResponse(bytes)) {
      responses.push(next);
      bytes = bytes.subarray(next.length);
    }
    if (responses.length >= count) return responses;
  }
  throw new Error(`closed after ${responses.length} of ${count} answers`);
}

function judge(response: Response, scenario: Scenario): void {
  const { bytes, contentType } = payloads[scenario.app];
  if (response.status !== 200) throw new Error(`answered ${response.status}`);
  if (!response.body.equals(bytes)) {
    throw new Error(`the body differs: ${response.body.length} bytes, expected ${bytes.length}`);
  }
  const type = response.headers.get('content-type');
  if (!type?.startsWith(contentType)) throw new Error(`Content-Type is ${type}`);
  if (scenario.close && response.headers.get('connection') !== 'close') {
    throw new Error('the answer to Connection: close does not say close');
  }
}

/** Throws where the server does not answer a scenario as every server must. */
export async function checkAnswers(port: number, scenario: Scenario): Promise<void> {
  const responses = await exchange(port, scenario);
  for (const response of responses) judge(response, scenario);
}
