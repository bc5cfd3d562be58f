/**
 * PATH_INFO from the raw path of a request target: percent-decoded as UTF-8. A `%` without two
 * hexadecimal digits stays as it is, and bytes that are not UTF-8 become U+FFFD, as browsers
 * decode; REQUEST_URI has the bytes for whoever needs them.
 */
export function decodePath(path: string): string {
  if (isPlain(path)) return path;
  try {
    if (isAscii(path)) return decodeURIComponent(path);
  } catch {
    // Malformed somewhere: decode what can be.
  }
  return decodeLenient(path);
}

/**
 * The path of a target in absolute form (`http://host/path`, RFC 9112 section 3.2.2); other targets
 * as they are.
 */
export function originPath(target: string): string {
  if (target.charCodeAt(0) === SLASH) return target;
  const authority = target.indexOf('://');
  if (authority < 0) return target;
  const path = target.indexOf('/', authority + 3);
  return path < 0 ? '/' : target.slice(path);
}

/** A path that is decoded already, one character per byte, as text; malformed bytes as above. */
export function utf8Text(path: string): string {
  return isAscii(path) ? path : Buffer.from(path, 'latin1').toString('utf8');
}

/** `/app` is above `/app` and `/app/x`, not above `/application`. */
export function isBelow(path: string, mountpoint: string): boolean {
  if (!path.startsWith(mountpoint)) return false;
  return path.length === mountpoint.length || path.charAt(mountpoint.length) === '/';
}

/**
 * PATH_INFO where the front server says none: the target's path without SCRIPT_NAME. A target elsewhere is what the
 * client sent before the front server rewrote it, and SCRIPT_NAME is all of the path then.
 */
export function pathBelow(scriptName: string, path: string): string {
  const above = scriptName.endsWith('/') ? scriptName.slice(0, -1) : scriptName;
  if (above === '') return path;
  return isBelow(path, above) ? path.slice(above.length) : '';
}

const SLASH = 0x2f;
const PERCENT = 0x25;

function isPlain(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code === PERCENT || code > 0x7f) return false;
  }
  return true;
}

function isAscii(path: string): boolean {
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** `path` has one character per byte. */
function decodeLenient(path: string): string {
  const bytes = Buffer.allocUnsafe(path.length);
  let length = 0;
  for (let i = 0; i < path.length; i++) {
    const escaped = path.charCodeAt(i) === PERCENT ? hexByte(path, i + 1) : -1;
    bytes[length++] = escaped >= 0 ? escaped : path.charCodeAt(i);
    if (escaped >= 0) i += 2;
  }
  return bytes.toString('utf8', 0, length);
}

const HEX_BYTE = /^[0-9a-fA-F]{2}$/;

function hexByte(text: string, at: number): number {
  const digits = text.slice(at, at + 2);
  return HEX_BYTE.test(digits) ? Number.parseInt(digits, 16) : -1;
}
