/** A headless Chromium that a test steers over its debugging pipe: the protocol of Chrome's developer tools. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { onCleanup } from './cleanup.js';
import { tempDir } from './temp-dir.js';
import { within, withResolvers } from './wait-until.js';

const LIMIT_MS = 30_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

interface Call {
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: unknown) => void;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** Written by what a page's console, its errors and its refused loads say. */
const COMPLAINTS = new Set([
  'Runtime.exceptionThrown',
  'Log.entryAdded',
  'Runtime.consoleAPICalled',
]);

/** Ended with the test. */
export class Browser {
  readonly complaints: string[] = [];
  readonly #child: ChildProcess;
  readonly #input: Writable;
  readonly #calls = new Map<number, Call>();
  #session: string | undefined;
  #id = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#input = child.stdio[3] as Writable;
    let rest = '';
    const output = child.stdio[4] as Readable;
    output.setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#onMessage(JSON.parse(message) as Message);
    });
    this.#input.on('error', () => undefined);
  }

  static async start(program: string): Promise<Browser> {
    const child = spawn(
      program,
      [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
        ...['--no-first-run', '--disable-extensions', '--disable-background-networking'],
        ...['--disable-component-update', '--remote-debugging-pipe'],
        `--user-data-dir=${tempDir()}`,
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
    );
    const browser = new Browser(child);
    onCleanup(() => browser.close());
    await browser.#attach();
    return browser;
  }

  async open(url: string, { width = 1280, height = 900, dark = false }: PageOptions = {}) {
    await this.#call('Emulation.setDeviceMetricsOverride', {
      ...{ width, height, deviceScaleFactor: 1, mobile: width < 600 },
    });
    await this.#call('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    await this.#call('Page.navigate', { url });
  }

  /** The value of an expression in the page, as JSON carries it. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.#call('Runtime.evaluate', { expression, returnByValue: true });
    return (answer['result'] as { readonly value?: unknown }).value;
  }

  /** A PNG. */
  async screenshot(): Promise<Buffer> {
    const options = { captureBeyondViewport: true };
    const { data } = await this.#call('Page.captureScreenshot', options);
    return Buffer.from(String(data), 'base64');
  }

  /** The whole family: Chromium is many processes. */
  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const gone = once(this.#child, 'close');
    process.kill(-pid, 'SIGKILL');
    await within(gone, 'the browser to end', LIMIT_MS);
  }

  async #attach(): Promise<void> {
    const { targetInfos } = await this.#call('Target.getTargets', {});
    const pages = targetInfos as readonly { readonly targetId: string; readonly type: string }[];
    const targetId = pages.find(({ type }) => type === 'page')?.targetId;
    const { sessionId } = await this.#call('Target.attachToTarget', { targetId, flatten: true });
    this.#session = String(sessionId);
    for (const domain of ['Page', 'Runtime', 'Log']) await this.#call(`${domain}.enable`, {});
  }

  #call(method: string, params: object): Promise<Readonly<Record<string, unknown>>> {
    this.#id += 1;
    const { promise, resolve, reject } = withResolvers<Readonly<Record<string, unknown>>>();
    this.#calls.set(this.#id, { resolve, reject });
    const message = { id: this.#id, method, params, sessionId: this.#session };
    this.#input.write(`${JSON.stringify(message)}\0`);
    return within(promise, `the browser's answer to ${method}`, LIMIT_MS);
  }

  #onMessage({ id, method, params, result, error }: Message): void {
    if (method !== undefined && COMPLAINTS.has(method))
      this.complaints.push(`${method} ${JSON.stringify(params)}`);
    const call = this.#calls.get(id ?? 0);
    this.#calls.delete(id ?? 0);
    if (error !== undefined) call?.reject(new Error(error.message));
    else call?.resolve(result ?? {});
  }
}
