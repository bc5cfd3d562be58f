/**
 * Channels for connections that a worker gives to the next one: one for each worker slot, made once. The master holds
 * both ends, so what a worker gave and nobody has taken yet survives the death of either; whoever occupies the slot
 * next takes it.
 */
import { closeSync } from 'node:fs';
import type { NativeAddon } from './native.js';

export interface HandOverChannels {
  /** By slot. Every worker inherits all of them: any worker may give to any slot. */
  readonly senders: readonly number[];
  /** By slot. A worker inherits that of its own. */
  readonly receivers: readonly number[];
}

/** Descriptors of the channels in a worker that inherited them. */
export interface InheritedChannels {
  readonly senders: readonly number[];
  readonly receiver: number;
}

/**
 * `left`: channels of a running server whose place this one takes; more are made where they are too few. Throws what the
 * system said; nothing stays open then. The caller owns the descriptors.
 */
export function makeHandOverChannels(
  slots: number,
  addon: Pick<NativeAddon, 'makeDescriptorChannel'>,
  left: HandOverChannels = { senders: [], receivers: [] },
): HandOverChannels {
  const senders = [...left.senders];
  const receivers = [...left.receivers];
  try {
    for (let slot = senders.length; slot < slots; slot += 1) {
      const { sender, receiver } = addon.makeDescriptorChannel();
      senders.push(sender);
      receivers.push(receiver);
    }
  } catch (error) {
    closeHandOverChannels({ senders, receivers });
    throw error;
  }
  return { senders, receivers };
}

/** Connections that are in the channels close. */
export function closeHandOverChannels({ senders, receivers }: HandOverChannels): void {
  for (const fd of [...senders, ...receivers]) closeSync(fd);
}
