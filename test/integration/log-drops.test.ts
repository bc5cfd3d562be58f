/** A log that takes nothing: no request waits for it, memory does not grow, and every line that is lost is counted. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../helpers/cleanup.js';
import { KeptLoad } from '../helpers/kept-load.js';
import { skipFor } from '../helpers/programs.js';
import { readAll } from '../helpers/read-all.js';
import { type Server, type ServerOptions, startServer } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { tempDir } from '../helpers/temp-dir.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Long lines fill what is kept back sooner. */
const LONG = `/pid?${'x'.repeat(1800)}`;
const MEGABYTE = 1024 * 1024;
/** A request that waits for the log waits until somebody reads it; less than this is a machine with other work. */
const PROMPT_MS = 250;

interface Stats {
  readonly pid: number;
  readonly dropped_log_lines: number;
  readonly log_drops?: readonly {
    readonly destination: string;
    readonly dropped: number;
    readonly since?: number;
    readonly reason?: string;
  }[];
  readonly workers: readonly { readonly pid: number }[];
}

interface Scene {
  readonly server: Server;
  readonly load: KeptLoad;
  readonly stats: () => Promise<Stats>;
}

/** Its sockets are files, so that nothing has to be read from the log. */
async function start(args: readonly string[], options: ServerOptions = {}): Promise<Scene> {
  const directory = tempDir();
  const [http, stats] = [join(directory, 'http'), join(directory, 'stats')];
  const server = await startServer(
    [...['-M', '--http-socket', http, '--stats', stats, '--wsgi-file', pathsApp().path], ...args],
    { ...options, waitForReady: false },
  );
  await waitUntil('the sockets', () => existsSync(http) && existsSync(stats), 30_000);
  const load = new KeptLoad({ target: http, connections: 8, rate: 400, path: LONG });
  await load.answered(50);
  return {
    server,
    load,
    stats: async () => JSON.parse(await readAll(stats)) as Stats,
  };
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

/** Requests go on as before while lines get lost, and nothing piles up. */
async function losesLinesAlone({ load, stats }: Scene): Promise<Stats> {
  const before = load.begin('before');
  await load.answered(200);
  await waitUntil('lost lines', async () => (await stats()).dropped_log_lines > 0, 30_000);
  const found = await stats();
  const pids = [found.pid, ...found.workers.map(({ pid }) => pid)];
  const resident = pids.map(residentBytes);
  const during = load.begin('while lines are lost');
  await load.answered(600);
  assert.deepEqual(load.complaints(), []);
  const limit = Math.max(PROMPT_MS, 3 * before.percentile(0.99));
  assert.ok(during.percentile(0.99) <= limit, `${String(before)}\n${String(during)}`);
  for (const [index, pid] of pids.entries())
    assert.ok(residentBytes(pid) - (resident[index] ?? 0) < 24 * MEGABYTE, `pid ${pid} has grown`);
  await waitUntil('the destination in the statistics', async () => {
    const drops = (await stats()).log_drops ?? [];
    return drops.some(
      ({ dropped, since, reason }) => dropped > 0 && since !== undefined && reason !== undefined,
    );
  });
  return stats();
}

/** A named pipe that is full soon; `read` takes what is in it. */
function quietPipe(): { readonly path: string; read(): string; readonly fd: number } {
  const path = join(tempDir(), 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, 'r+');
  onCleanup(() => closeSync(fd));
  return { path, fd, read: () => readWaiting(path) };
}

function readWaiting(path: string): string {
  const { stdout } = spawnSync('dd', [`if=${path}`, 'iflag=nonblock', 'bs=64k', 'status=none']);
  return stdout.toString();
}

/** Reads until a record says that the gap is over. */
async function readsTheEnd(read: () => string): Promise<string> {
  let text = '';
  await waitUntil(
    'the record of the end',
    () => {
      text += read();
      return /takes lines again: \d+ were dropped/.test(text);
    },
    30_000,
  );
  return text;
}

describe('a log that takes nothing', () => {
  it('as a full disk does', async () => {
    const scene = await start(['--logto', '/dev/full']);
    const { log_drops: drops = [] } = await losesLinesAlone(scene);
    assert.ok(drops.some(({ destination }) => destination === 'log of worker 1'));
  });

  it('counts what waits when its worker ends, and knows of the next one no better', async () => {
    const { server, load, stats } = await start(['--logto', '/dev/full']);
    await load.stop();
    const [first] = (await stats()).workers;
    process.kill(server.pid, 'SIGHUP');
    await waitUntil('the next worker', async () => {
      const { workers } = await stats();
      return workers[0] !== undefined && workers[0].pid !== first?.pid;
    });
    const found = await waitUntil('the lines of the first one', async () => {
      const { log_drops: drops = [], dropped_log_lines: all } = await stats();
      const own = drops.find(({ destination }) => destination === 'log of worker 1');
      return all >= 50 && own;
    });
    assert.ok(found.dropped >= 50 && found.since !== undefined);
  });

  it('as a named pipe that nobody reads does, until somebody reads it', async () => {
    const path = join(tempDir(), 'pipe');
    const scene = await start(['--logger', `fifo:${path}`]);
    const { log_drops: drops = [] } = await losesLinesAlone(scene);
    const lost = drops.find(({ destination }) => destination === `fifo:${path}`);
    assert.equal(lost?.reason, 'nobody reads it, or too slowly');
    await scene.load.stop();
    const text = await readsTheEnd(() => readWaiting(path));
    assert.ok(/\d+ log lines were dropped here/.test(text));
    assert.ok(text.includes(`fifo:${path} takes lines again`));
  });

  it('as standard error does that is a pipe which nobody reads', async () => {
    const pipe = quietPipe();
    const scene = await start([], { wrapper: ['sh', '-c', `exec "$0" "$@" 2<>${pipe.path}`] });
    await losesLinesAlone(scene);
    await scene.load.stop();
    const text = await readsTheEnd(() => pipe.read());
    assert.ok(/\d+ request lines were dropped: the log took nothing/.test(text));
    assert.ok(text.includes('log of worker 1 takes lines again'));
  });

  it('as a syslog does that stands still, or is not there', async () => {
    const path = join(tempDir(), 'log');
    const receiver = spawn('python3', ['-c', RECEIVER, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onCleanup(async () => {
      receiver.kill('SIGKILL');
      await new Promise((resolve) => receiver.once('close', resolve));
    });
    let received = '';
    receiver.stdout.on('data', (chunk: Buffer) => (received += chunk.toString()));
    await waitUntil('the receiver', () => existsSync(path));
    const absent = join(tempDir(), 'absent');
    const scene = await start(['--log-socket', path, '--logger', `socket:${absent},tag`]);
    const { log_drops: drops = [] } = await losesLinesAlone(scene);
    const reasonOf = (name: string) =>
      drops.find(({ destination }) => destination === name)?.reason;
    assert.equal(reasonOf(`socket:${path}`), 'nobody reads it, or too slowly');
    assert.match(reasonOf(`socket:${absent},tag`) ?? '', /ENOENT/);
    receiver.stdin.write('read\n');
    await waitUntil('what waited', () => received.includes('all workers are ready'));
    await scene.load.stop();
  });

  it('as a file system does that has no room, until there is some', async function () {
    const directory = tempDir();
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory]);
    if (mount.status !== 0) return skipFor(this, 'a file system cannot be mounted');
    onCleanup(() => void spawnSync('umount', ['-l', directory]));
    const [file, filler] = [join(directory, 'server.log'), join(directory, 'filler')];
    writeFileSync(filler, Buffer.alloc(900 * 1024));
    const scene = await start(['--logger', `file:${file}`]);
    const { log_drops: drops = [] } = await losesLinesAlone(scene);
    assert.match(drops[0]?.reason ?? '', /ENOSPC: no space left on device/);
    await scene.load.stop();
    rmSync(filler);
    await waitUntil('the end', () =>
      /takes lines again: \d+ were/.test(readFileSync(file, 'utf8')),
    );
  });
});

/** Binds a datagram socket, and reads it once it is told to. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
sys.stdin.readline()
while True: print(s.recv(70000).decode(), flush=True)
`;
