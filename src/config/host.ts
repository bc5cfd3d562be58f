import type { DataDocument } from './files/data-document.js';

/** What the configuration asks of the machine. Passed in, so that resolving does no I/O of its own. */
export interface Host {
  /** CPUs this process may run on, at least 1. */
  availableParallelism(): number;
  /** undefined where the file cannot be read. */
  readFile(path: string): string | undefined;
  /** All of it, once. undefined where it cannot be read. */
  readStandardInput(): string | undefined;
  /** What is there, behind symbolic links; undefined: nothing, or nothing that may be looked at. */
  look(path: string): 'file' | 'directory' | 'other' | undefined;
  inode(path: string): number | undefined;
  /** Paths that match, sorted. */
  glob(pattern: string): readonly string[];
  /** The file of a module that `--module` names; undefined where neither `pythonpath` nor the directory has it. */
  findModule(name: string, pythonpath: readonly string[], directory: string): string | undefined;
  /** By name. */
  hasUser(name: string): boolean;
  hasGroup(name: string): boolean;
  parseYaml(text: string): DataDocument;
  parseJson(text: string): DataDocument;
  facts(): HostFacts;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface HostFacts {
  readonly pid: number;
  /** The working directory. */
  readonly directory: string;
  readonly hostname: string;
  readonly uid: number;
  /** The number where the system has no name for it. */
  readonly user: string;
  readonly gid: number;
  readonly group: string;
  /** Path of the program that runs. */
  readonly binary: string;
  readonly version: string;
}
