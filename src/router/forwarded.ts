/**
 * Who the client is, for applications behind the router: `X-Forwarded-For`, `-Proto`, `-Host` and `Forwarded`
 * (RFC 7239). What a client says about itself counts only where the client is a proxy that the operator trusts.
 */
export interface ForwardedFields {
  /** Empty for a client on a UNIX socket that names nobody. */
  readonly for: string;
  readonly proto: string;
  readonly host: string;
  readonly forwarded: string;
}

/** The same fields as the client sent them. */
export type ReceivedFields = { readonly [Name in keyof ForwardedFields]?: string | undefined };

export interface ClientFacts {
  /** Numeric address; empty on a UNIX socket. */
  readonly address: string;
  /** The Host field; empty where there is none. */
  readonly host: string;
  readonly trusted: boolean;
}

const SCHEME = /^https?$/i;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function forwardedFields(client: ClientFacts, received: ReceivedFields): ForwardedFields {
  const trusted = client.trusted ? received : {};
  const own = SCHEME.test(trusted.proto ?? '') ? (trusted.proto ?? '').toLowerCase() : 'http';
  const host = trusted.host ?? client.host;
  return {
    for: join(trusted.for, client.address),
    proto: own,
    host,
    forwarded: join(earlierElements(trusted), element(client.address, host, own)),
  };
}

/** What the proxies before said, in RFC 7239's form; from X-Forwarded-For where they speak only that. */
function earlierElements({ forwarded, for: list }: ReceivedFields): string | undefined {
  if (forwarded !== undefined) return forwarded;
  if (list === undefined) return undefined;
  const nodes = list.split(',').map((node) => node.trim());
  return nodes.map((node) => `for=${nodeName(node)}`).join(', ');
}

function element(address: string, host: string, proto: string): string {
  const parts = [`for=${nodeName(address)}`];
  if (host !== '') parts.push(`host=${quoted(host)}`);
  return [...parts, `proto=${proto}`].join(';');
}

/** RFC 7239 section 6: IPv6 addresses stand in brackets, which need quotes. */
function nodeName(address: string): string {
  if (address === '') return 'unknown';
  return address.includes(':') && !address.startsWith('[')
    ? quoted(`[${address}]`)
    : quoted(address);
}

function quoted(text: string): string {
  return TOKEN.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function join(before: string | undefined, now: string): string {
  if (before === undefined || before === '') return now;
  return now === '' ? before : `${before}, ${now}`;
}
