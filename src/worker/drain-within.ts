import type { Worker } from './worker.js';

/** Drains; calls `late` where it took longer than `seconds` (0: no limit). The rest: see Worker.drain. */
export async function drainWithin(
  worker: Pick<Worker, 'drain' | 'stop'>,
  seconds: number,
  late: (reason: string) => void,
  othersGoOn = false,
  taker = -1,
): Promise<void> {
  const giveUp = () => late(`requests still ran after ${seconds} seconds (--worker-reload-mercy)`);
  const limit = seconds > 0 ? setTimeout(giveUp, seconds * 1000) : undefined;
  await worker.drain(othersGoOn, taker);
  clearTimeout(limit);
  worker.stop();
}
