import { readdirSync, type Dirent } from 'node:fs';

/** None where the directory cannot be read: it may have gone since it was seen. */
export function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
