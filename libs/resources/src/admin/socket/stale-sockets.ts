import { lstatSync, readdirSync, type Stats, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { probeSocket } from './probe-socket.js';
import type { SocketPlace } from './socket-place.js';

/** Milliseconds: a younger socket may be one that is just being opened, and refuses for that moment. */
const YOUNG = 10_000;

/**
 * Deletes a socket that was found stale, unless another stands at its path by now.
 *
 * @returns whether the path is free
 */
export function removeStale(path: string, found: Stats): boolean {
  try {
    const { dev, ino, ctimeMs } = lstatSync(path);
    if (dev !== found.dev || ino !== found.ino || ctimeMs !== found.ctimeMs) return false;
    unlinkSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'; // somebody else has
  }
}

/** Deletes what processes that are gone have left in a directory that each has a socket of its own in; nothing else uses their names again. */
export async function sweepStale(place: SocketPlace): Promise<void> {
  for (const name of readdirSync(place.directory)) {
    if (!place.mayBeLeft(name)) continue;
    const path = join(place.directory, name);
    const found = await probeSocket(path);
    if (found.kind === 'stale' && Date.now() - found.stats.mtimeMs > YOUNG) removeStale(path, found.stats);
  }
}
