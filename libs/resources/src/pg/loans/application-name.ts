import { escapeLiteral } from 'pg';

/** How many bytes of the name the server keeps at most. */
const LONGEST = 63;

/** The characters that the server replaces; by what, depends on its version. */
const UNPRINTABLE = /[^ -~]/gu;

/** An owner as `pg_stat_activity` shows it: 63 printable characters of ASCII at most. */
export function applicationNameOf(owner: string): string {
  return owner
    .slice(0, 2 * LONGEST)
    .replaceAll(UNPRINTABLE, '?')
    .slice(0, LONGEST);
}

export function setApplicationName(name: string): string {
  return `SET application_name TO ${escapeLiteral(name)}`;
}
