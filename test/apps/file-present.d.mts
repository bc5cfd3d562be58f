/** Resolves when there is such a file. */
export function filePresent(path: string): Promise<void>;
