import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { repositoryRoot } from './paths.js';
import { programVersion } from './programs.js';

export interface MachineFacts {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGigabytes: number;
  readonly kernel: string;
  readonly arch: string;
  /** The Node under which this server and its Node peers ran. */
  readonly node: string;
}

export function machineFacts(node: string): MachineFacts {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    arch: process.arch,
    node: programVersion(node, ['--version'], /v(\S+)/) ?? 'unknown',
  };
}

function git(...args: string[]): string {
  const { status, stdout } = spawnSync('git', args, { cwd: repositoryRoot, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}

/** Short hash of the commit, with a plus sign where the tree has changes. */
export function commitName(): string {
  const commit = git('rev-parse', '--short', 'HEAD');
  if (commit === '') return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+`;
}
