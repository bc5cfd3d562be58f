/** Builds uwsgi packets, also broken ones. */

export type Vars = readonly (readonly [key: string, value: string])[];

export interface PacketOptions {
  readonly modifier1?: number;
  readonly modifier2?: number;
  /** The length in the header, where it is to lie. */
  readonly datasize?: number;
}

/** A packet's header and variables; strings are latin1. */
export function packet(vars: Vars, options: PacketOptions = {}): Buffer {
  return blockPacket(Buffer.concat(vars.flatMap((pair) => pair.map(sized))), options);
}

/** A packet around a block of any bytes. */
export function blockPacket(block: Buffer, options: PacketOptions = {}): Buffer {
  const header = Buffer.alloc(4);
  header[0] = options.modifier1 ?? 0;
  header.writeUInt16LE(options.datasize ?? block.length, 1);
  header[3] = options.modifier2 ?? 0;
  return Buffer.concat([header, block]);
}

/** A string with its length in front, as names and values have it. */
export function sized(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** What nginx's own uwsgi_params say about a request without a body; `more` are added behind. */
export function nginxVars(method: string, target: string, more: Vars = []): Vars {
  const [path = '', query = ''] = target.split('?', 2);
  return [
    ['QUERY_STRING', query],
    ['REQUEST_METHOD', method],
    ['CONTENT_TYPE', ''],
    ['CONTENT_LENGTH', ''],
    ['REQUEST_URI', target],
    ['PATH_INFO', percentDecoded(path)],
    ['DOCUMENT_ROOT', '/srv/www'],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['REQUEST_SCHEME', 'http'],
    ['REMOTE_ADDR', '192.0.2.7'],
    ['REMOTE_PORT', '4711'],
    ['SERVER_PORT', '80'],
    ['SERVER_NAME', 'a.test'],
    ['HTTP_HOST', 'a.test'],
    ...more,
  ];
}

/** A GET as nginx sends it. */
export function getPacket(target: string, more: Vars = []): Buffer {
  return packet(nginxVars('GET', target, more));
}

/** A POST as nginx sends it, with its body. */
export function postPacket(target: string, body: string | Buffer, more: Vars = []): Buffer {
  const vars = nginxVars('POST', target, more).map(([key, value]) =>
    key === 'CONTENT_LENGTH' ? ([key, String(body.length)] as const) : ([key, value] as const),
  );
  return Buffer.concat([packet(vars), Buffer.from(body as string, 'latin1')]);
}

/** One character a byte, as the path goes into PATH_INFO. */
export function percentDecoded(path: string): string {
  return path.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
