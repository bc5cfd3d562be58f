import type { Worker } from './worker.js';

/** What running requests are left, and who says so. */
export interface Mercy {
  /** 0: no limit. */
  readonly seconds: number;
  readonly whose: string;
}

export function mercyOf(seconds: number): Mercy {
  return { seconds, whose: '--worker-reload-mercy' };
}

export function brutalMercy(seconds: number): Mercy {
  return { seconds, whose: 'brutal reload' };
}

/** Drains; calls `late` where it took longer than it may. The rest: see Worker.drain. */
export async function drainWithin(
  worker: Pick<Worker, 'drain' | 'stop'>,
  { seconds, whose }: Mercy,
  late: (reason: string) => void,
  othersGoOn = false,
  taker = -1,
): Promise<void> {
  const giveUp = () => late(`requests still ran after ${seconds} seconds (${whose})`);
  const limit = seconds > 0 ? setTimeout(giveUp, seconds * 1000) : undefined;
  await worker.drain(othersGoOn, taker);
  clearTimeout(limit);
  worker.stop();
}
