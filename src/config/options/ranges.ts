/** Ends of ranges that several options share. */

/** Seconds. */
export const DAY = 86_400;

/** Bytes. */
export const GIBIBYTE = 1024 ** 3;

/** Of processes. */
export const MOST_WORKERS = 1024;

/** Of a size that the operator alone decides. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;
