import type { BoundListener } from '../../binding/native.js';
import { rawBufferOver, type RawBuffer } from './raw-buffer.js';

/** The remote end of a connection, and the listener it came through, as environ has them. */
export interface Peer {
  readonly address: string;
  readonly port: string;
  readonly serverPort: string;
  /** Index of the I/O loop. */
  readonly core: number;
}

const UNKNOWN: Peer = { address: '', port: '', serverPort: '', core: 0 };
const LOOP_SHIFT = 24;
const SLOT_MASK = 0xffffff;
/** Words of a PEER record. */
const LISTENER = 3;
const ADDRESS_LENGTH = 4;
const PORT = 5;
const ADDRESS = 6;

/**
 * Peers by connection id. The core announces a connection's peer before its first request; an id is
 * announced again when it is reused, so the table is as large as the most connections there were at
 * a time.
 */
export class PeerTable {
  readonly #words: Uint32Array;
  readonly #bytes: RawBuffer;
  readonly #serverPorts: readonly string[];
  /** By loop and slot: the core reuses small numbers. */
  readonly #peers: (Peer | undefined)[][] = [];

  constructor(inbox: ArrayBuffer, listeners: readonly Pick<BoundListener, 'port'>[]) {
    this.#words = new Uint32Array(inbox);
    this.#bytes = rawBufferOver(inbox);
    // A UNIX socket has no port; uWSGI says 80 there.
    this.#serverPorts = listeners.map(({ port }) => String(port === 0 ? 80 : port));
  }

  /** Takes a PEER record at word `at`. */
  announce(at: number): void {
    const words = this.#words;
    const connection = words[at + 1] as number;
    const start = (at + ADDRESS) * 4;
    const length = words[at + ADDRESS_LENGTH] as number;
    const core = connection >>> LOOP_SHIFT;
    const peers = (this.#peers[core] ??= []);
    peers[connection & SLOT_MASK] = {
      address: this.#bytes.latin1Slice(start, start + length),
      port: length === 0 ? '' : String(words[at + PORT]),
      serverPort: this.#serverPorts[words[at + LISTENER] as number] ?? '',
      core,
    };
  }

  get(connection: number): Peer {
    return this.#peers[connection >>> LOOP_SHIFT]?.[connection & SLOT_MASK] ?? UNKNOWN;
  }
}
