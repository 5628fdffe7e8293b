import { Stopwatch } from '../command/stopwatch.js';
import { hash } from './hashing.js';

const BLOCKS = 2_000;
const SAMPLES = 100;

/** How many blocks take a millisecond of CPU time: what the fastest of many samples says, because other processes only ever slow it down. */
export function blocksPerMillisecond(): number {
  const samples = Array.from({ length: SAMPLES }, () => {
    const watch = new Stopwatch();
    hash(BLOCKS);
    return watch.elapsed;
  });
  return BLOCKS / Math.min(...samples);
}
