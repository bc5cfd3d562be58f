/** Addresses of names for sockets that would ask with every datagram. */
import { lookup as systemLookup, type LookupAddress, type LookupOneOptions } from 'node:dns';
import { isIP } from 'node:net';

/** How long the address of a name is used. */
const ADDRESS_MS = 60_000;
/** How long after a failure nobody is asked. */
const FAILURE_MS = 1000;

export type FoundAddress = (error: Error | null, address: string, family: number) => void;

/** What dgram calls; `wanted` has the family of the socket (for some versions of Node it is the family). */
export type Lookup = (host: string, wanted: LookupOneOptions, found: FoundAddress) => void;

/** A name server that does not answer is asked once, not once a line. For one name and family. */
export function rememberingLookup(ask: Lookup = systemLookup): Lookup {
  const name = new RememberedName(ask);
  return (host, wanted, found) => {
    const fixed = isIP(host);
    if (fixed === 0) name.find(host, wanted, found);
    else process.nextTick(found, null, host, fixed);
  };
}

class RememberedName {
  readonly #ask: Lookup;
  #known: LookupAddress | undefined;
  #failure: Error | undefined;
  #freshUntil = 0;
  /** Who waits for the answer; undefined where nobody is asked. */
  #waiting: FoundAddress[] | undefined;

  constructor(ask: Lookup) {
    this.#ask = ask;
  }

  find(host: string, wanted: LookupOneOptions, found: FoundAddress): void {
    if (this.#waiting !== undefined) this.#waiting.push(found);
    else if (performance.now() < this.#freshUntil) process.nextTick(() => this.#tell(found));
    else this.#askFor(host, wanted, found);
  }

  #askFor(host: string, wanted: LookupOneOptions, found: FoundAddress): void {
    this.#waiting = [found];
    this.#ask(host, wanted, (error, address, family) => {
      if (error === null) this.#known = { address, family };
      this.#failure = error ?? undefined;
      this.#freshUntil = performance.now() + (error === null ? ADDRESS_MS : FAILURE_MS);
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const each of waiting) this.#tell(each);
    });
  }

  /** An address that was found before is used where the name server fails now. */
  #tell(found: FoundAddress): void {
    if (this.#known !== undefined) found(null, this.#known.address, this.#known.family);
    else found(this.#failure ?? null, '', 0);
  }
}
