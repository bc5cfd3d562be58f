/**
 * Channels for connections that a worker (or a router) gives to the next one: one for each slot, made once. The master holds
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

/** What the occupant of a slot inherits, in the order in which `inheritedFrom` finds them. */
export function channelFds(slot: number, { senders, receivers }: HandOverChannels): number[] {
  const receiver = receivers[slot];
  if (receiver === undefined) throw new RangeError(`slot ${slot} has no hand-over channel`);
  return [...senders, receiver];
}

/** Where they are in a process that inherited them from the descriptor `first` on. */
export function inheritedFrom(first: number, { senders }: HandOverChannels): InheritedChannels {
  return { senders: senders.map((_, slot) => first + slot), receiver: first + senders.length };
}

/** Connections that are in the channels close. */
export function closeHandOverChannels({ senders, receivers }: HandOverChannels): void {
  for (const fd of [...senders, ...receivers]) closeSync(fd);
}
