/**
 * Starts the built command line (`npm run build` first) and knows when it is ready: the server says so in its log,
 * and its real port with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inTest, onCleanup } from './cleanup.js';
import { childrenOf, type ProcessFacts } from './processes.js';
import { ServerLog } from './server-log.js';
import { within, withResolvers } from './wait-until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../bin/tsuwsgi-native.js', import.meta.url));

/** A start includes compiling the application, on a machine that is busy with other tests. */
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 20_000;

export const SOCKET_LINE = /socket (\d+) bound to TCP address ([^ "]+):(\d+)/;
const STATS_LINE = /Stats server enabled on [^ ]*:(\d+) /;
export const READY_LINE = /\*\*\* all workers are ready/;

export interface ServerOptions {
  /** Added to the test's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The Node.js to run; the test's own one without it. */
  readonly node?: string;
  /** Options of node itself, before the script. */
  readonly nodeArgs?: readonly string[];
  /** Program and arguments to run node under, such as `['unshare', '--pid', '--fork']`. */
  readonly wrapper?: readonly string[];
  /** Makes the server the leader of a process group, as a shell does with a job. */
  readonly ownGroup?: boolean;
  /** Sockets are named in a file: give it no HTTP socket besides. */
  readonly ownSockets?: boolean;
  /** Descriptors the server inherits, from 3 on. */
  readonly fds?: readonly number[];
  /** Do not wait for the ready line: the test expects a failure, or waits for something else. */
  readonly waitForReady?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Path of an application under test/apps. */
export function testApp(name: string): string {
  return fileURLToPath(new URL(`../apps/${name}`, import.meta.url));
}

const servers = new Set<Server>();

/** Servers that the leak check looks after: running ones, and those that ended during this test. */
export function knownServers(): readonly Server[] {
  return [...servers];
}

/** Forgets servers that ended; the leak check calls it when it has looked at their logs. */
export function forgetEndedServers(): void {
  for (const server of servers) if (!server.running) servers.delete(server);
}

export class Server {
  readonly log = new ServerLog();
  /** Settles when the process is gone and its output was read to the end. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #exit: Exit | undefined;
  readonly #allowed: RegExp[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    const { promise, resolve, reject } = withResolvers<Exit>();
    child.once('error', reject);
    child.once('close', (code, signal) => {
      this.#exit = { code, signal };
      resolve(this.#exit);
    });
    promise.catch(() => undefined);
    this.exited = promise;
    if (child.stdout) this.log.follow(child.stdout);
    if (child.stderr) this.log.follow(child.stderr);
    servers.add(this);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the server was not started');
    return pid;
  }

  get running(): boolean {
    return this.#exit === undefined;
  }

  /** Port of the first HTTP socket. */
  get port(): number {
    return this.portOf(0);
  }

  /** Port of the HTTP socket with this number, in the order of the options. */
  portOf(socket: number): number {
    for (const line of this.log.lines) {
      const match = SOCKET_LINE.exec(line);
      if (match !== null && Number(match[1]) === socket) return Number(match[3]);
    }
    throw new Error(`the server has no socket ${socket}\n${this.log.text}`);
  }

  /** Port of the first `--stats`. */
  get statsPort(): number {
    const match = STATS_LINE.exec(this.log.text);
    if (match === null) throw new Error(`the server has no statistics at a port\n${this.log.text}`);
    return Number(match[1]);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The worker processes of a master, as the process table has them. */
  workers(): ProcessFacts[] {
    return childrenOf(this.pid).filter(({ state }) => state !== 'Z');
  }

  /** Sends a signal; the server may be gone already. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the ready line; fails at once, with the log, when the server ends before. */
  async ready(limitMs = START_LIMIT_MS): Promise<void> {
    const early = this.exited.then((exit) => {
      const how = exit.signal ?? `exit code ${exit.code}`;
      throw new Error(`the server ended before it was ready (${how})\n${this.log.text}`);
    });
    await Promise.race([this.log.waitFor(READY_LINE, limitMs), early]);
  }

  /** Waits for the end of a server that ends by itself. */
  async end(limitMs = STOP_LIMIT_MS): Promise<Exit> {
    return within(this.exited, 'the server to end', limitMs, () => `\n${this.log.text}`);
  }

  /** Stops the server and returns how it ended. SIGKILL, and a failure, when it does not end in time. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', limitMs = STOP_LIMIT_MS): Promise<Exit> {
    if (this.running) this.kill(signal);
    try {
      return await this.end(limitMs);
    } catch (error) {
      this.kill('SIGKILL');
      throw error;
    }
  }

  /** For tests that provoke a line which the leak check takes for an alert. */
  allowAlert(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  alertIsAllowed(line: string): boolean {
    return this.#allowed.some((pattern) => pattern.test(line));
  }
}

/** What scripts/sanitize.mjs wants in the environment of servers, and of no other program: others hang in its runtimes. */
const instrumented = JSON.parse(process.env['SANITIZED_SERVER_ENV'] ?? '{}') as NodeJS.ProcessEnv;

function environment(extra: ServerOptions['env']): NodeJS.ProcessEnv {
  const env = { ...process.env, ...instrumented, ...extra };
  // Set by mocha's own loader; the server must find its way without it.
  if (extra?.['NODE_OPTIONS'] === undefined) delete env['NODE_OPTIONS'];
  return env;
}

function launch(args: readonly string[], options: ServerOptions): ChildProcess {
  const node = [options.node ?? process.execPath, ...(options.nodeArgs ?? []), COMMAND, ...args];
  const [program = '', ...rest] = [...(options.wrapper ?? []), ...node];
  return spawn(program, rest, {
    cwd: options.cwd ?? ROOT,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe', ...(options.fds ?? [])],
    detached: options.ownGroup ?? false,
  });
}

/**
 * Starts a server on a free port of 127.0.0.1 (unless `args` name sockets) and waits until it is ready. One that was
 * started in a test or beforeEach is stopped after the test; one from a before hook lives until the test file's
 * after hook stops it.
 */
export async function startServer(
  args: readonly string[],
  options: ServerOptions = {},
): Promise<Server> {
  const named =
    options.ownSockets === true || args.some((arg) => /^--(http-|uwsgi-)?socket(=|$)/.test(arg));
  const sockets = named ? [] : ['--http-socket', '127.0.0.1:0'];
  const server = new Server(launch([...sockets, ...args], options));
  if (inTest()) {
    onCleanup(async () => {
      await server.stop();
    });
  }
  if (options.waitForReady !== false) await server.ready();
  return server;
}

/** Pid of the worker that the log named last under this id (counted from 1). */
export function workerPid(server: Server, workerId: number): number {
  const line = new RegExp(`worker ${workerId} \\((?:new )?pid: (\\d+)`);
  return Number(line.exec(server.log.matching(line).at(-1) ?? '')?.[1]);
}
