/** One thing that must be so in the end. */
export interface Invariant {
  what: string;
  holds: boolean;
  figure: string;
}

const MIB = 2 ** 20;
const HEAP_TOLERANCE = 0.1;
/** A heap of a few MiB moves by more than its tenth. */
const HEAP_LEEWAY = 3 * MIB;

/** @param heaps bytes after garbage collections, in the order of time */
export function heapIsFlat(heaps: readonly number[]): Invariant {
  const third = Math.max(1, Math.floor(heaps.length / 3));
  // What was compiled and cached first belongs to the run: the least of each end is what stays.
  const early = Math.min(...heaps.slice(0, third));
  const late = Math.min(...heaps.slice(-third));
  return {
    what: 'the heap is flat',
    holds: late <= early * (1 + HEAP_TOLERANCE) + HEAP_LEEWAY,
    figure: `${(early / MIB).toFixed(1)} MiB in the first third, ${(late / MIB).toFixed(1)} MiB in the last`,
  };
}

export function none(what: string, count: number): Invariant {
  return { what, holds: count === 0, figure: `${count}` };
}

export function atMost(what: string, value: number, most: number, unit: string): Invariant {
  return { what, holds: value <= most, figure: `${Math.round(value)} ${unit}, at most ${most} allowed` };
}
