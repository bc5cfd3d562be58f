/** Commands to a process's inspector and its events (Chrome DevTools Protocol, domain Debugger). */
import { get } from 'node:http';
import { WebSocketClient } from './websocket-client.js';

/** Positions count from 0, as the protocol does. */
export interface InspectorFrame {
  readonly functionName: string;
  readonly url: string;
  readonly scriptId: string;
  readonly line: number;
  readonly column: number;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The path of the debugger of the process that listens on `port`; rejects where that is no inspector. */
async function debuggerPath(port: number, signal: AbortSignal): Promise<string> {
  const list: unknown = JSON.parse(await readText(port, '/json/list', signal));
  const target: unknown = Array.isArray(list) ? list[0] : undefined;
  const address = isObject(target) ? target.webSocketDebuggerUrl : undefined;
  if (typeof address !== 'string') throw new Error(`no inspector on port ${port}`);
  return new URL(address).pathname;
}

function readText(port: number, path: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = get({ host: '127.0.0.1', port, path, signal, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.once('end', () => resolve(text));
      response.once('error', reject);
    });
    call.once('error', reject);
  });
}

export class InspectorSession {
  #socket: WebSocketClient | undefined;
  readonly #answers = new Map<number, Waiting>();
  readonly #events = new Map<string, Waiting>();
  /** Where scripts came from: the frames of older versions of Node do not say. */
  readonly #urls = new Map<string, string>();
  #lastId = 0;

  static async open(port: number, signal: AbortSignal): Promise<InspectorSession> {
    const path = await debuggerPath(port, signal);
    const session = new InspectorSession();
    const events = {
      message: (text: string) => session.#onMessage(text),
      closed: () => session.#fail(new Error('the inspector closed the connection')),
    };
    session.#socket = await WebSocketClient.connect(port, path, events, signal);
    signal.addEventListener('abort', () => session.close(), { once: true });
    return session;
  }

  close(): void {
    this.#socket?.close();
  }

  /** Stops JavaScript where it is, also in a loop, and returns the frames it has on its stack. It stays stopped. */
  async pause(): Promise<InspectorFrame[]> {
    const paused = this.#event('Debugger.paused');
    // Both at once: the process may be slow to answer.
    const calls = [this.#call('Debugger.enable', {}), this.#call('Debugger.pause', {})];
    const [parameters] = await Promise.all([paused, ...calls]);
    const frames = isObject(parameters) ? parameters.callFrames : undefined;
    return Array.isArray(frames) ? frames.flatMap((frame) => frameOf(frame, this.#urls)) : [];
  }

  async scriptSource(scriptId: string): Promise<string> {
    const result = await this.#call('Debugger.getScriptSource', { scriptId });
    const source = isObject(result) ? result.scriptSource : undefined;
    return typeof source === 'string' ? source : '';
  }

  #call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#socket?.send(JSON.stringify({ id, method, params }));
    });
  }

  #event(method: string): Promise<unknown> {
    return new Promise((resolve, reject) => this.#events.set(method, { resolve, reject }));
  }

  #onMessage(text: string): void {
    const message: unknown = JSON.parse(text);
    if (!isObject(message)) return;
    if (typeof message.id === 'number') {
      const waiting = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.result);
      else waiting?.reject(new Error(JSON.stringify(message.error)));
    } else if (typeof message.method === 'string') {
      this.#onEvent(message.method, message.params);
    }
  }

  #onEvent(method: string, params: unknown): void {
    if (method === 'Debugger.scriptParsed' && isObject(params)) {
      const { scriptId, url } = params;
      if (typeof scriptId === 'string' && typeof url === 'string') this.#urls.set(scriptId, url);
      return;
    }
    this.#events.get(method)?.resolve(params);
    this.#events.delete(method);
  }

  #fail(error: Error): void {
    for (const { reject } of [...this.#answers.values(), ...this.#events.values()]) reject(error);
  }
}

function frameOf(value: unknown, urls: ReadonlyMap<string, string>): InspectorFrame[] {
  if (!isObject(value) || !isObject(value.location)) return [];
  const { functionName, location } = value;
  const { scriptId, lineNumber, columnNumber } = location;
  if (typeof scriptId !== 'string' || typeof lineNumber !== 'number') return [];
  return [
    {
      functionName: typeof functionName === 'string' ? functionName : '',
      url: urls.get(scriptId) ?? '',
      scriptId,
      line: lineNumber,
      column: typeof columnNumber === 'number' ? columnNumber : 0,
    },
  ];
}
