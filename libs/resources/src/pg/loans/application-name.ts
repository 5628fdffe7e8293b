import { escapeLiteral } from 'pg';

/** Most bytes of it that the server keeps. */
const LONGEST = 63;

/** What servers replace, each version by something else. */
const UNPRINTABLE = /[^ -~]/gu;

/** An owner as the server will tell it. */
export function applicationNameOf(owner: string): string {
  return owner
    .slice(0, 2 * LONGEST)
    .replaceAll(UNPRINTABLE, '?')
    .slice(0, LONGEST);
}

export function setApplicationName(name: string): string {
  return `SET application_name TO ${escapeLiteral(name)}`;
}
