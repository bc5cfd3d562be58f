/**
 * What all errors have that an application can meet: a stable `code`; messages are for people.
 *
 * An application that requires the package has other class objects than the server, which is an ES module; so `instanceof`
 * goes by name and code.
 */
export abstract class CodedError<Code extends `ERR_TSUWSGI_${string}`> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!(value instanceof Error) || value.name !== this.name) return false;
    return String((value as { code?: unknown }).code).startsWith('ERR_TSUWSGI_');
  }
}
