/**
 * Who the client is, for applications behind the router: `X-Forwarded-For`, `-Proto`, `-Host` and `Forwarded`
 * (RFC 7239). What a client says about itself counts only where the client is a proxy that the operator trusts.
 */
import { parseForwarded } from './forwarded-elements.js';
import { nodeAddress, nodeIdentifier } from './forwarded-node.js';

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
  /** Whether a proxy at this address is believed; empty: one on a UNIX socket. */
  readonly trusts: (address: string) => boolean;
}

/** What the proxies before said, in both forms. */
interface Earlier {
  readonly for?: string | undefined;
  readonly proto?: string | undefined;
  readonly host?: string | undefined;
  readonly forwarded?: string | undefined;
}

const SCHEME = /^https?$/i;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function forwardedFields(client: ClientFacts, received: ReceivedFields): ForwardedFields {
  const before = client.trusts(client.address) ? earlier(client, received) : {};
  const proto = SCHEME.test(before.proto ?? '') ? (before.proto ?? '').toLowerCase() : 'http';
  const host = before.host === undefined || before.host === '' ? client.host : before.host;
  return {
    for: join(before.for, client.address),
    proto,
    host,
    forwarded: join(before.forwarded, element(client.address, host, proto)),
  };
}

/**
 * A proxy speaks one of the two forms. Where it sets X-Forwarded-*, its Forwarded is only passed on: many proxies
 * do not know that field, and leave what their client has put there.
 */
function earlier(client: ClientFacts, received: ReceivedFields): Earlier {
  const { for: list, proto, host, forwarded } = received;
  if (list === undefined && proto === undefined && host === undefined)
    return forwarded === undefined ? {} : fromForwarded(client, forwarded);
  const nodes = listed(list);
  const hops = believedHops(client, nodes);
  return {
    for: list,
    proto: listed(proto).slice(-hops)[0],
    host: listed(host).slice(-hops)[0],
    forwarded: forwarded ?? nodes.map((node) => `for=${quoted(nodeIdentifier(node))}`).join(', '),
  };
}

function fromForwarded(client: ClientFacts, text: string): Earlier {
  const elements = parseForwarded(text);
  if (elements === undefined) return {};
  const nodes = elements.map((hop) => hop.for ?? 'unknown');
  const believed = elements.slice(-believedHops(client, nodes));
  return {
    for: nodes.map((node) => nodeAddress(node) ?? nodeIdentifier(node)).join(', '),
    proto: believed.find((hop) => hop.proto !== undefined)?.proto,
    host: believed.find((hop) => hop.host !== undefined)?.host,
    forwarded: text,
  };
}

/**
 * How many entries of a list, counted from its end, are by proxies that are believed: the last is, because it is by the
 * router's client; the one before it is by whom the last one names. Others may be the client's own words.
 */
function believedHops({ trusts }: ClientFacts, nodes: readonly string[]): number {
  let hops = 1;
  for (const node of nodes.slice(1).reverse()) {
    const address = nodeAddress(node);
    if (address === undefined || !trusts(address)) break;
    hops += 1;
  }
  return hops;
}

function listed(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((entry) => entry.trim());
}

function element(address: string, host: string, proto: string): string {
  const parts = [`for=${ownNode(address)}`];
  if (host !== '') parts.push(`host=${quoted(host)}`);
  return [...parts, `proto=${proto}`].join(';');
}

/** Of an address that is numeric for certain. */
function ownNode(address: string): string {
  if (address === '') return 'unknown';
  return address.includes(':') ? `"[${address}]"` : address;
}

function quoted(text: string): string {
  return TOKEN.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function join(before: string | undefined, now: string): string {
  if (before === undefined || before === '') return now;
  return now === '' ? before : `${before}, ${now}`;
}
