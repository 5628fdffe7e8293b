import { createHash } from 'node:crypto';

/*
 * The work of the measured tasks, in the threads of all contenders and where it is calibrated. It hashes, because what is done
 * outside of the engine takes the same time in every thread: a loop is compiled in each of them anew, and not always alike.
 */
const BLOCK = Buffer.alloc(1_024, 7);

/** @param blocks how many are hashed */
export function hash(blocks: number): number {
  const sum = createHash('sha256');
  for (let block = 0; block < blocks; block++) sum.update(BLOCK);
  return sum.digest()[0] ?? 0;
}
