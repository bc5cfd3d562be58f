/**
 * The JavaScript stack of a worker whose event loop does not turn. Workers are started with an inspector port that is
 * not open (`withInspector`); SIGUSR1 makes Node open it, from a thread of its own, while JavaScript loops. What is
 * learnt costs nothing before, and the process is killed right after.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ownLoopbackPorts } from './inspector-port.js';
import type { InspectorFrame, InspectorSession } from './inspector-session.js';
import { sourcePosition, type Script, type SourcePosition } from './source-position.js';

/** For the worker's Node: any free port of the loopback, and no word about it in the log. */
const INSPECTOR_ARGS = ['--inspect-port=127.0.0.1:0', '--inspect-publish-uid=http'] as const;

/** Options of a worker's Node. Whoever debugs has said already what the inspector does. */
export function withInspector(nodeArgs: readonly string[], wanted: boolean): string[] {
  const debugged = nodeArgs.some((arg) => arg.startsWith('--inspect'));
  return wanted && !debugged ? [...nodeArgs, ...INSPECTOR_ARGS] : [...nodeArgs];
}

export interface HangFrame extends SourcePosition {
  readonly functionName: string;
}

/** `reason`: why there is none, in words. */
export type HangStack =
  | { readonly frames: readonly HangFrame[] }
  | { readonly frames: undefined; readonly reason: string };

/** How much of a deep recursion is worth a log line. */
const MOST_FRAMES = 20;
const PORT_POLL_MS = 5;

type Step = 'signal' | 'client' | 'port' | 'pause';

/** An inspector opens, and pauses, between two steps of JavaScript; regular expressions and Atomics.wait have such steps. */
const REASONS: Readonly<Record<Step, string>> = {
  signal: 'its process cannot be signalled',
  client:
    'what asks its inspector cannot be loaded: were files of tsuwsgi-native replaced since the start?',
  port: 'its inspector did not open in time: it is in native code or in a system call',
  pause:
    'it did not stop in time: it is in native code or in a system call, or the machine is busy',
};

/** Never rejects, and never takes longer than `limitMs`. */
export async function hangStack(pid: number, limitMs: number): Promise<HangStack> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  let step: Step = 'signal';
  try {
    process.kill(pid, 'SIGUSR1');
    step = 'client';
    // Loaded when needed: a client for HTTP is 2 MB that few masters ever want.
    const { InspectorSession: Session } = await import('./inspector-session.js');
    step = 'port';
    const session = await openSession(
      pid,
      (port) => Session.open(port, limit.signal),
      limit.signal,
    );
    step = 'pause';
    return { frames: await readStack(session) };
  } catch {
    return { frames: undefined, reason: REASONS[step] };
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

/** A process may listen on other ports of the loopback; only the inspector answers as one. */
async function openSession(
  pid: number,
  open: (port: number) => Promise<InspectorSession>,
  signal: AbortSignal,
): Promise<InspectorSession> {
  const tried = new Set<number>();
  for (;;) {
    const fresh = ownLoopbackPorts(pid).filter((port) => !tried.has(port));
    for (const port of fresh) tried.add(port);
    if (fresh.length > 0) {
      const sessions = fresh.map(open);
      const session = await Promise.any(sessions).catch(() => undefined);
      if (session !== undefined) return session;
    }
    await delay(PORT_POLL_MS, undefined, { signal });
  }
}

async function readStack(session: InspectorSession): Promise<HangFrame[]> {
  const frames = (await session.pause()).slice(0, MOST_FRAMES);
  const scripts = await readScripts(session, frames);
  const all = frames.map(({ functionName, url, scriptId, line, column }) => {
    const script = scripts.get(scriptId) ?? { url, source: '' };
    return { functionName, ...sourcePosition(script, line, column) };
  });
  return all.slice(0, applicationFrames(all));
}

/** This package's modules, as compiled and as written. */
const OWN_MODULES = ['../../', '../../../src/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** How many frames are left without the server's own ones that called the application; all where there is nothing else. */
export function applicationFrames(frames: readonly Pick<HangFrame, 'file'>[]): number {
  const isOwn = ({ file }: Pick<HangFrame, 'file'>): boolean =>
    file.startsWith('node:') || OWN_MODULES.some((directory) => file.startsWith(directory));
  const fromBelow = [...frames].reverse().findIndex((frame) => !isOwn(frame));
  return fromBelow < 0 ? frames.length : frames.length - fromBelow;
}

/** Node's own modules need no map. */
async function readScripts(
  session: InspectorSession,
  frames: readonly InspectorFrame[],
): Promise<ReadonlyMap<string, Script>> {
  const urls = new Map(frames.map(({ scriptId, url }) => [scriptId, url]));
  const files = [...urls].filter(([, url]) => !url.startsWith('node:'));
  const scripts = files.map(async ([id, url]): Promise<[string, Script]> => [
    id,
    { url, source: await session.scriptSource(id) },
  ]);
  return new Map(await Promise.all(scripts));
}

/** As an error's stack is written. */
export function stackText(frames: readonly HangFrame[]): string {
  const lines = frames.map(({ functionName, file, line, column }) => {
    const place = `${file}:${line}:${column}`;
    return functionName === '' ? `at ${place}` : `at ${functionName} (${place})`;
  });
  return lines.join('\n');
}
