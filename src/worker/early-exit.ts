/** The end of a process without a master while its application is loaded: nobody else would say why. */
import { ExitCode } from '../ipc/exit-codes.js';
import type { Logger } from '../log/logger.js';

/** Until the function that it returns is called. Where the exit code would be 0, it is that of a server without application. */
export function watchEarlyExit(logger: Logger): () => void {
  const stop = (): void => {
    process.off('exit', exits);
    process.off('beforeExit', idles);
  };
  const say = (reason: string, exitCode: number): void => {
    stop();
    logger.error(reason, { reason, exitCode });
    process.exitCode = exitCode;
  };
  const exits = (code: number): void =>
    say(
      `the application ended the process with exit code ${code} while it was loaded`,
      code === 0 ? ExitCode.NO_APPLICATION : code,
    );
  const idles = (): void =>
    say(
      'the application was not loaded: a top-level await in it waits for something that cannot come',
      ExitCode.NO_APPLICATION,
    );
  process.on('exit', exits);
  process.on('beforeExit', idles);
  return stop;
}
