import { AppLoadError } from '../errors.js';

/** For a worker that starts after another version was installed over the one that its master runs. */
export function otherVersion(what: string): AppLoadError {
  return new AppLoadError(
    `the version that is installed now keeps ${what} in another way than the one that runs: upgrade the server (SIGUSR2)`,
  );
}
