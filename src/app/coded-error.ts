/**
 * What all errors have that an application can meet: a stable `code`; messages are for people.
 *
 * An application that requires the package, or has it in its bundle, has other class objects than the server, which is an
 * ES module; so `instanceof` goes by name and code as well.
 */
export abstract class CodedError<Code extends `ERR_TSUWSGI_${string}`> extends Error {
  /** What the classes of all copies have in common as `name`: a bundle's classes may have been renamed. */
  declare static readonly errorName: string;
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    // A class that extends one of these has no copies.
    if (!Object.hasOwn(this, 'errorName')) return false;
    if (!(value instanceof Error) || value.name !== this.errorName) return false;
    return String((value as { code?: unknown }).code).startsWith('ERR_TSUWSGI_');
  }
}
