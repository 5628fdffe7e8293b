import { lstatSync, type Stats } from 'node:fs';
import { connect } from 'node:net';

/** What is found at a path. */
export type Found =
  | { readonly kind: 'nothing' }
  /** Something listens. */
  | { readonly kind: 'live' }
  /** A socket that its process has left behind. */
  | { readonly kind: 'stale'; readonly stats: Stats }
  /** Anything else, or it can't be told. */
  | { readonly kind: 'foreign'; readonly cause: unknown };

/**
 * Looks whether a process listens at a path. Only a socket that refuses is taken for stale: a file that is none refuses, too, and
 * a process that is frozen, or has too many callers at the moment, does not.
 */
export async function probeSocket(path: string): Promise<Found> {
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? { kind: 'nothing' } : { kind: 'foreign', cause: error };
  }
  if (!stats.isSocket()) return { kind: 'foreign', cause: 'what is there is no socket' };
  const refusal = await new Promise<unknown>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on('error', resolve);
  });
  switch (refusal === undefined ? 'live' : codeOf(refusal)) {
    case 'live':
    case 'EAGAIN':
      return { kind: 'live' };
    case 'ECONNREFUSED':
      return { kind: 'stale', stats };
    case 'ENOENT':
      return { kind: 'nothing' };
    default:
      return { kind: 'foreign', cause: refusal };
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
