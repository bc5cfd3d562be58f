/**
 * Files, sent by the kernel (`sendfile`): the bytes never pass through JavaScript. Try:
 *
 *     tsuwsgi-native --http-socket :9090 --wsgi-file examples/files/files.ts
 *     curl -i localhost:9090/README.md
 */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import type { Application } from 'tsuwsgi-native';

const ROOT = process.cwd();
const TYPES: Readonly<Record<string, string>> = {
  '.md': 'text/markdown; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
};

/** A directory, a pipe and the like are nothing to send. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return (await stat(path)).isFile() ? await open(path) : undefined;
  } catch {
    return undefined;
  }
}

export const application: Application = async (environ, startResponse) => {
  // PATH_INFO is decoded, so `..` may be in it in any spelling; normalize('/…') cannot leave the
  // root. A symbolic link below the root can: it leads where it leads.
  const path = join(ROOT, normalize(`/${environ.PATH_INFO}`));
  const file = await openFile(path);
  if (file === undefined) {
    startResponse('404 Not Found', [['Content-Type', 'text/plain']]);
    return 'Not found\n';
  }
  startResponse('200 OK', [['Content-Type', TYPES[extname(path)] ?? 'application/octet-stream']]);
  return environ['wsgi.file_wrapper'](file);
};
