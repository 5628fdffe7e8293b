import { Random } from '../command/random.js';
import type { ProxyFault } from './fault-proxy.js';

export interface ScheduledFault {
  /** Milliseconds without trouble before it. */
  after: number;
  /** Milliseconds. */
  duration: number;
  fault: ProxyFault;
}

const KINDS = ['latency', 'reset', 'black hole', 'refuse', 'cut'] as const;

/** An endless row of faults, the same for the same seed. */
export function* faultSchedule(seed: number): Generator<ScheduledFault, never> {
  const random = new Random(seed);
  for (;;) {
    const kind = random.pick(KINDS);
    const after = random.between(2_000, 4_000);
    const duration = random.between(300, 2_500);
    const strength = random.next();
    yield { after, duration, fault: faultOf(kind, strength) };
  }
}

/** @param strength from 0 to 1 */
function faultOf(kind: (typeof KINDS)[number], strength: number): ProxyFault {
  if (kind === 'latency') return { kind, by: Math.round(20 + strength * 180) };
  if (kind === 'cut') return { kind, after: Math.round(100 + strength * 20_000) };
  return { kind };
}
