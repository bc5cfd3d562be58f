/**
 * One case of the wire corpus: what a client does on one connection and which outcomes are right.
 * The text format is described in test/fixtures/http1/wire/README.md.
 */

/** `must`: an RFC's MUST or its grammar. `should`: an RFC's SHOULD, or the safer of two ways that it allows. */
export type Level = 'must' | 'should';

export type Step =
  | { readonly kind: 'send'; readonly bytes: Buffer }
  /** Waits until one more response message (interim ones count) has arrived. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'half-close' };

export type StatusPattern = { readonly from: number; readonly to: number };

export type HeaderRule =
  | { readonly kind: 'present'; readonly name: string }
  | { readonly kind: 'absent'; readonly name: string }
  | { readonly kind: 'equals'; readonly name: string; readonly value: string }
  | { readonly kind: 'matches'; readonly name: string; readonly pattern: RegExp };

export interface ExpectedResponse {
  readonly statuses: readonly StatusPattern[];
  /** The response may be missing (100 Continue where the body is there already). */
  readonly optional: boolean;
  /** It answers a HEAD request: its framing fields announce a body that does not come. */
  readonly head: boolean;
  /** Method and target as the application saw them; undefined: the application did not answer this. */
  readonly seen: string | undefined;
  readonly body: Buffer | undefined;
  readonly headers: readonly HeaderRule[];
  readonly framing: Framing | undefined;
  /** The message may end with the connection instead of with its framing. */
  readonly cut: boolean;
}

export type Framing = 'none' | 'length' | 'chunked' | 'until-close';

/**
 * `keep`: the next request on the connection is answered. `close`: the server closes at once. `any`: either.
 * `idle-close`: the server closes after one of its timeouts.
 */
export type Ending = 'keep' | 'close' | 'any' | 'idle-close';

export interface Outcome {
  readonly responses: readonly ExpectedResponse[];
  readonly ending: Ending;
}

export interface WireCase {
  readonly theme: string;
  readonly name: string;
  readonly level: Level;
  /** Where the rule stands, e.g. `RFC9112-6.3`. */
  readonly rule: string;
  readonly note: string;
  /** The bytes hide a request to `/hidden…` or move a message's end: executing it is smuggling. */
  readonly smuggling: boolean;
  /** Only delivered in one piece: what is sent behind a closed connection's last request meets a reset. */
  readonly whole: boolean;
  /** Kinds of servers for which the case has no meaning. */
  readonly skip: readonly string[];
  readonly steps: readonly Step[];
  readonly outcomes: readonly Outcome[];
  /** First final status of this server where the rule leaves a choice. */
  readonly here: readonly StatusPattern[];
}

export function matchesStatus(patterns: readonly StatusPattern[], status: number): boolean {
  return patterns.some((pattern) => status >= pattern.from && status <= pattern.to);
}
