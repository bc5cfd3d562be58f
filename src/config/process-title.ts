/** Names of processes as `ps` shows them. */
import type { Config } from './config.js';

export type ProcessRole =
  { readonly kind: 'master' } | { readonly kind: 'worker' | 'router'; readonly id: number };

type Naming = Pick<
  Config,
  | 'autoProcname'
  | 'procname'
  | 'procnameMaster'
  | 'procnamePrefix'
  | 'procnamePrefixSpaced'
  | 'procnameAppend'
>;

/** undefined: the process keeps the name it has. Any of the procname options implies auto-procname, as in uWSGI. */
export function processTitle(config: Naming, role: ProcessRole): string | undefined {
  const { autoProcname, procname, procnameMaster, procnamePrefix, procnameAppend } = config;
  const { procnamePrefixSpaced } = config;
  const asked = [procname, procnameMaster, procnamePrefix, procnamePrefixSpaced, procnameAppend];
  if (!autoProcname && asked.every((text) => text === undefined)) return undefined;
  const spaced = procnamePrefixSpaced === undefined ? '' : `${procnamePrefixSpaced} `;
  return `${procnamePrefix ?? ''}${spaced}${baseName(config, role)}${procnameAppend ?? ''}`;
}

function baseName({ procname, procnameMaster }: Naming, role: ProcessRole): string {
  if (role.kind === 'master') return procnameMaster ?? procname ?? 'tsuwsgi master';
  return procname ?? `tsuwsgi ${role.kind === 'router' ? 'http' : 'worker'} ${role.id}`;
}
