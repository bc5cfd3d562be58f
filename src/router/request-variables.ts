/** The variables that a backend gets for a request: the environ of the core, without what ends at the router. */
import type { Environ } from '../app/types.js';
import { originPath } from '../worker/gateway/path-info.js';
import { forwardedFields } from './forwarded.js';
import type { TrustedNetworks } from './trusted-networks.js';
import type { Variable } from './uwsgi-packet.js';

export interface VariableSettings {
  readonly trusted: Pick<TrustedNetworks, 'has'>;
  /** `--http-var`; each replaces a variable of the same name. */
  readonly extra: readonly { readonly name: string; readonly value: string }[];
  /** `--http-server-name-as-http-host` */
  readonly hostAsServerName: boolean;
}

/** Fields of the client's connection (RFC 9110 section 7.6.1), and Expect, which the core has answered. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'HTTP_CONNECTION',
  'HTTP_EXPECT',
  'HTTP_KEEP_ALIVE',
  'HTTP_PROXY_CONNECTION',
  'HTTP_TE',
  'HTTP_TRAILER',
  'HTTP_TRANSFER_ENCODING',
  'HTTP_UPGRADE',
]);

/** `bodyLength`: undefined where the request has no body at all. */
export function requestVariables(
  environ: Environ,
  bodyLength: number | undefined,
  settings: VariableSettings,
): Variable[] {
  const variables = new Map<string, string>();
  copyFields(environ, variables);
  variables.set('PATH_INFO', pathBytes(environ.REQUEST_URI));
  variables.set('UWSGI_ROUTER', 'http');
  if (bodyLength === undefined) variables.delete('CONTENT_LENGTH');
  else variables.set('CONTENT_LENGTH', String(bodyLength));
  setForwarded(environ, variables, settings);
  const host = environ['HTTP_HOST'];
  if (settings.hostAsServerName && host !== undefined) variables.set('SERVER_NAME', host);
  for (const { name, value } of settings.extra) variables.set(name, value);
  return [...variables];
}

/** Names with a dot belong to the gateway between the core and JavaScript. */
function copyFields(environ: Environ, variables: Map<string, string>): void {
  const nominated = nominatedFields(environ['HTTP_CONNECTION']);
  for (const name in environ) {
    const value = environ[name];
    if (typeof value !== 'string' || name.includes('.')) continue;
    if (HOP_BY_HOP.has(name) || nominated.has(name)) continue;
    // Those that the router knows are set anew; of the others nobody vouches for what they say.
    if (name.startsWith('HTTP_X_FORWARDED_') || name === 'HTTP_FORWARDED') continue;
    variables.set(name, value);
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Variables of the fields that `Connection` names; a request cannot lose its Host that way. */
function nominatedFields(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined) return NONE;
  const tokens = connection.split(',').map((token) => token.trim());
  const names = tokens.map((token) => `HTTP_${token.toUpperCase().replaceAll('-', '_')}`);
  return new Set(names.filter((name) => name !== 'HTTP_HOST'));
}

function setForwarded(
  environ: Environ,
  variables: Map<string, string>,
  { trusted }: VariableSettings,
): void {
  const client = {
    address: environ.REMOTE_ADDR,
    host: environ['HTTP_HOST'] ?? '',
    trusts: (address: string) => trusted.has(address),
  };
  if (client.trusts(client.address)) keepForwarded(environ, variables);
  const fields = forwardedFields(client, {
    for: environ['HTTP_X_FORWARDED_FOR'],
    proto: environ['HTTP_X_FORWARDED_PROTO'],
    host: environ['HTTP_X_FORWARDED_HOST'],
    forwarded: environ['HTTP_FORWARDED'],
  });
  if (fields.for !== '') variables.set('HTTP_X_FORWARDED_FOR', fields.for);
  variables.set('HTTP_X_FORWARDED_PROTO', fields.proto);
  if (fields.host !== '') variables.set('HTTP_X_FORWARDED_HOST', fields.host);
  variables.set('HTTP_FORWARDED', fields.forwarded);
  variables.set('UWSGI_SCHEME', fields.proto);
  if (fields.proto === 'https') variables.set('HTTPS', 'on');
}

/** X-Forwarded-Port, -Prefix and their like, from a proxy that is trusted. */
function keepForwarded(environ: Environ, variables: Map<string, string>): void {
  for (const name in environ) {
    const value = environ[name];
    if (name.startsWith('HTTP_X_FORWARDED_') && typeof value === 'string')
      variables.set(name, value);
  }
}

const ESCAPED = /%([0-9A-Fa-f]{2})/g;

/** The decoded path with one character per byte: what the environ has is text, and may have lost bytes. */
function pathBytes(target: string): string {
  const query = target.indexOf('?');
  const path = originPath(query < 0 ? target : target.slice(0, query));
  if (!path.includes('%')) return path;
  return path.replace(ESCAPED, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
