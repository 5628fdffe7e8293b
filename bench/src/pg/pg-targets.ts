import type { Target } from '../command/target.js';
import type { Comparison } from './comparison.js';
import type { ContenderName } from './contenders.js';

const OURS: ContenderName = "ours, reset: 'auto'";
const BY_HAND: ContenderName = 'pg.Pool by hand';

/** What the reset by need promises beside no reset at all: so much of its throughput, and so little more CPU. */
const BOUND = 0.97;

/**
 * The promise counts as kept when the interval reaches it: the ratio's upper end. It is one of loans; what a request costs more, its scope costs,
 * of which `npm run bench` has targets.
 */
export function pgTargets(comparisons: readonly Comparison[]): Target[] {
  return comparisons
    .filter(({ shape, one, other }) => shape === 'loan' && one === OURS && other === BY_HAND)
    .flatMap(({ level, ratio: { rate, cpu } }) => [
      target(`throughput, ${level}, of that of pg.Pool without a reset`, rate),
      target(`CPU of a loan, ${level}: that of pg.Pool without a reset, of ours`, cpu),
    ]);
}

function target(what: string, { median, low, high }: Comparison['ratio']['rate']): Target {
  const note = `median ${median.toFixed(3)}, ${low.toFixed(3)} to ${high.toFixed(3)}`;
  return { what, bound: BOUND, kind: 'at least', unit: 'x', measured: high, note };
}
