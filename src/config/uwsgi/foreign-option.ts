/**
 * Options of uWSGI that this server has no row for. They are known, so that files and command lines of uWSGI load and
 * say what they lose. An option that becomes real moves from here to src/config/options.
 */
export type Verdict =
  /** Accepted: there is nothing to do here. Text: why. */
  | 'no effect'
  /** Accepted, and the operator is warned that something is missing. Text: what to use, or empty. */
  | 'not implemented'
  /** An error: going on without it would be wrong or unsafe. Text: what to use. */
  | 'refused';

export interface ForeignGroup {
  readonly verdict: Verdict;
  /** Continues a sentence whose subject is the option; no full stop. */
  readonly text: string;
  /** Names of options without a value. */
  readonly flags?: readonly string[];
  readonly values?: readonly string[];
  /** The value is optional and stands behind an equals sign on the command line. */
  readonly optional?: readonly string[];
  /** Whole families by the start of their names; they take a value. */
  readonly families?: readonly string[];
}

export interface ForeignOption {
  readonly name: string;
  readonly takes: 'flag' | 'value' | 'optional';
  readonly verdict: Verdict;
  readonly text: string;
}

/** Names between spaces, so that a group stays readable. */
export function names(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}

/** What an option of this verdict does, as the end of a sentence that begins with its name. */
export function describeVerdict({ verdict, text }: ForeignOption): string {
  switch (verdict) {
    case 'no effect':
      return `has no effect: ${text}`;
    case 'not implemented':
      return `has no effect: it is not implemented in this version${text === '' ? '' : `; ${text}`}`;
    case 'refused':
      return `is not supported: ${text}`;
  }
}
