import type { Worker } from './worker.js';

/** Drains; calls `late` where it took longer than `seconds` (0: no limit). */
export async function drainWithin(
  worker: Pick<Worker, 'drain' | 'stop'>,
  seconds: number,
  late: (reason: string) => void,
): Promise<void> {
  const giveUp = () => late(`requests still ran after ${seconds} seconds (--worker-reload-mercy)`);
  const limit = seconds > 0 ? setTimeout(giveUp, seconds * 1000) : undefined;
  await worker.drain();
  clearTimeout(limit);
  worker.stop();
}
