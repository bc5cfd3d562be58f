/** `--mount` and `--manage-script-name`: several applications, each below a path. */
import type { Application } from '../app/types.js';
import { isBelow } from './gateway/path-info.js';

interface Mounted {
  readonly mountpoint: string;
  readonly application: Application;
}

/** `/app/` is `/app`, and `/` is the root: an empty mountpoint. */
export function normalMount(mountpoint: string): string {
  return mountpoint.replace(/\/+$/, '');
}

export class MountTable {
  readonly #managed: boolean;
  readonly #byMountpoint = new Map<string, Application>();
  #default: Application | undefined;

  /** `managed`: the mountpoint is looked for in the path; else SCRIPT_NAME names it. */
  constructor(managed: boolean) {
    this.#managed = managed;
  }

  get empty(): boolean {
    return this.#default === undefined;
  }

  /** The first application answers what no mountpoint matches. */
  add(mountpoint: string, application: Application): void {
    this.#byMountpoint.set(mountpoint, application);
    this.#default ??= application;
  }

  application(): Application {
    const fallback = this.#default ?? notFound;
    const only = this.#byMountpoint.size === 1 && this.#byMountpoint.has('');
    if (only) return fallback;
    return this.#managed ? this.#byPath(fallback) : this.#byScriptName(fallback);
  }

  #byScriptName(fallback: Application): Application {
    return (environ, startResponse) => {
      const application = this.#byMountpoint.get(environ.SCRIPT_NAME) ?? fallback;
      return application(environ, startResponse);
    };
  }

  #byPath(fallback: Application): Application {
    const longestFirst: readonly Mounted[] = [...this.#byMountpoint]
      .map(([mountpoint, application]) => ({ mountpoint, application }))
      .filter(({ mountpoint }) => mountpoint !== '')
      .sort((a, b) => b.mountpoint.length - a.mountpoint.length);
    // A front server that serves a path of its own has moved the mountpoint to SCRIPT_NAME already.
    const byScriptName = this.#byScriptName(this.#byMountpoint.get('') ?? fallback);
    return (environ, startResponse) => {
      const path = environ.PATH_INFO;
      const found = longestFirst.find(({ mountpoint }) => isBelow(path, mountpoint));
      if (found === undefined) return byScriptName(environ, startResponse);
      environ.SCRIPT_NAME = found.mountpoint;
      environ.PATH_INFO = path.slice(found.mountpoint.length);
      return found.application(environ, startResponse);
    };
  }
}

const notFound: Application = (_environ, startResponse) => {
  startResponse('404 Not Found', [['Content-Type', 'text/plain; charset=utf-8']]);
  return 'Not Found\n';
};
