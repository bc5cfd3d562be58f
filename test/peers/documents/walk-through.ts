/** Does what a document says, block by block, in a directory and on ports of the test's own. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onCleanup } from '../../helpers/cleanup.js';
import { allProcesses, isAlive } from '../../helpers/processes.js';
import { findProgram } from '../../helpers/programs.js';
import { Server } from '../../helpers/server.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { nginxArguments, nginxConfiguration, STOCK_PARAMETERS } from '../fronts/nginx.js';
import { freePort, sharedDirectory } from '../place.js';
import { readBlocks, readConsole, type Block } from './blocks.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMMAND_LIMIT_MS = 20_000;

/** Where the reader of all these documents has the application. */
export const HOME = '/srv/shop';

export interface Reading {
  readonly document: string;
  /** Ports in its text; the test takes free ones in their places. */
  readonly ports: readonly number[];
}

/** How a command ended. */
interface Ended {
  readonly code: number;
  readonly output: string;
}

export class WalkThrough {
  readonly directory = sharedDirectory();
  readonly blocks: readonly Block[];
  readonly #document: string;
  readonly #ports: ReadonlyMap<number, number>;
  readonly #serving: Server[] = [];

  private constructor(document: string, ports: ReadonlyMap<number, number>) {
    this.#document = document;
    this.#ports = ports;
    this.blocks = readBlocks(readFileSync(join(ROOT, 'docs', document), 'utf8'));
    this.#putCommands();
  }

  static async begin({ document, ports }: Reading): Promise<WalkThrough> {
    const taken = new Map<number, number>();
    for (const port of ports) taken.set(port, await freePort());
    return new WalkThrough(document, taken);
  }

  /** All blocks in order; then everything is stopped, and nothing may go on running. */
  async walk(): Promise<void> {
    for (const block of this.blocks) await this.#atLine(block, () => this.do(block));
  }

  async do(block: Block): Promise<void> {
    const text = this.here(block.text);
    switch (block.action.kind) {
      case 'file':
        this.#write(block.action.name, text);
        return;
      case 'run':
        return this.#mustSucceed(text);
      case 'console':
        return this.#converse(text);
      case 'serve':
        return this.#serve(text);
      case 'check':
        return this.#check(text);
    }
  }

  /** The text with this test's directory and ports. */
  here(text: string): string {
    const placed = text.replaceAll(HOME, this.directory);
    return [...this.#ports].reduce(
      (result, [written, real]) =>
        result.replace(new RegExp(`\\b${written}\\b`, 'g'), String(real)),
      placed,
    );
  }

  /** Ends what stayed in the foreground, then looks for what the document left behind. */
  async end(): Promise<void> {
    for (const server of this.#serving.reverse()) await server.stop();
    try {
      await waitUntil(
        `${this.#document} to leave no process behind`,
        () => this.#leftovers().length === 0,
      );
    } catch (error) {
      for (const { pid } of this.#leftovers()) process.kill(pid, 'SIGKILL');
      throw error;
    }
  }

  #leftovers() {
    return allProcesses().filter(({ pid, command }) => {
      return pid !== process.pid && command.includes(this.directory) && isAlive(pid);
    });
  }

  async #atLine({ line }: Block, action: () => Promise<void> | void): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw new Error(`docs/${this.#document}:${line}: ${String(error)}`, { cause: error });
    }
  }

  #write(name: string, text: string): void {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** The reader has installed the package. */
  #putCommands(): void {
    const installed = join(this.directory, 'node_modules/.bin');
    mkdirSync(installed, { recursive: true });
    symlinkSync(join(ROOT, 'bin/tsuwsgi-native.js'), join(installed, 'tsuwsgi-native'));
  }

  #environment(): NodeJS.ProcessEnv {
    const installed = join(this.directory, 'node_modules/.bin');
    const path = [installed, dirname(process.execPath), process.env['PATH'], '/usr/sbin'].join(':');
    return { PATH: path, HOME: this.directory, LANG: 'C.UTF-8' };
  }

  async run(command: string): Promise<Ended> {
    const options = { cwd: this.directory, env: this.#environment(), timeout: COMMAND_LIMIT_MS };
    return new Promise((resolve) => {
      execFile('sh', ['-ec', command], options, (error, stdout, stderr) => {
        const failed = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code: failed, output: stdout + stderr });
      });
    });
  }

  async #mustSucceed(text: string): Promise<void> {
    const { code, output } = await this.run(text);
    assert.equal(code, 0, `ended with ${code}:\n${text}\n${output}`);
  }

  async #converse(text: string): Promise<void> {
    for (const { command, output: expected } of readConsole(text)) {
      const { code, output } = await this.run(command);
      assert.match(output, outputPattern(expected), `$ ${command}\n${output}`);
      assert.equal(code, 0, `$ ${command}\n${output}`);
    }
  }

  async #serve(command: string): Promise<void> {
    const child = spawn('sh', ['-c', `exec ${command}`], {
      cwd: this.directory,
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new Server(child);
    onCleanup(async () => {
      await server.stop();
    });
    this.#serving.push(server);
    await server.ready();
  }

  async #check(text: string): Promise<void> {
    const place = join(this.directory, `check-${this.blocks.length}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'nginx.conf'), nginxConfiguration(place, text));
    await this.#mustSucceed(
      `cp ${STOCK_PARAMETERS} ${place}/ && ${findProgram('nginx') ?? 'nginx'} -t ${nginxArguments(place).join(' ')}`,
    );
  }
}

/** `…` stands for anything within a line, and alone in a line for any lines. */
function outputPattern(expected: string): RegExp {
  const escaped = expected.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/^…\n/gm, '(?:.*\\n)*').replaceAll('…', '.*')}$`);
}
