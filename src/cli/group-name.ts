import { readFileSync } from 'node:fs';

/** Name of a group as `/etc/group` has it, else its number. */
export function groupName(gid: number): string {
  return groups().find((group) => group.gid === gid)?.name ?? String(gid);
}

interface Group {
  readonly name: string;
  readonly gid: number;
}

/** Lines `name:password:gid:members`. */
function groups(): Group[] {
  let text = '';
  try {
    text = readFileSync('/etc/group', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').map((line) => {
    const [name = '', , gid] = line.split(':');
    return { name, gid: Number(gid) };
  });
}
