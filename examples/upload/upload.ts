/**
 * Request bodies: buffered before the application runs (small ones in memory, large ones in a file
 * without a name). Try:
 *
 *     tsuwsgi-native --http-socket :9090 --wsgi-file examples/upload/upload.ts
 *     curl --data-binary @package.json localhost:9090/lines
 *     curl -T large.iso localhost:9090/sha256
 *
 * With `--post-buffering 0` the body is not buffered: /sha256 reads it while it arrives, and /lines
 * says why it cannot.
 */
import { createHash } from 'node:crypto';
import { BodyNotBufferedError, type Application, type InputStream } from 'tsuwsgi-native';

async function sha256(input: InputStream): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of input) hash.update(piece);
  return hash.digest('hex');
}

function countLines(input: InputStream): number {
  let lines = 0;
  for (const line of input) lines += line.length > 0 ? 1 : 0;
  return lines;
}

export const application: Application = async (environ, startResponse) => {
  const input = environ['wsgi.input'];
  try {
    const answer =
      environ.PATH_INFO === '/lines' ? `${countLines(input)} lines\n` : `${await sha256(input)}\n`;
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return answer;
  } catch (error) {
    if (!(error instanceof BodyNotBufferedError)) throw error;
    startResponse('501 Not Implemented', [['Content-Type', 'text/plain']]);
    return `${error.message}\n`;
  }
};
