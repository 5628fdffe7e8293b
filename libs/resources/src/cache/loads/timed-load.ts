import { withTimeLimit } from '../../hooks/time-limit.js';
import type { CacheCounts } from '../cache-counts.js';
import type { Timekeeping } from '../../time/timekeeping.js';
import type { Load, LoadContext } from '../entry-options.js';
import type { HostedLoad } from './load-host.js';

/** How long a load may take, and what else ends the wait for it. */
export interface LoadLimits {
  /** Most milliseconds. */
  readonly limit: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
  /** Gets what the load brings after its end. */
  readonly late?: (result: unknown) => void;
  /** Hears that the load itself has settled, in time or not. */
  readonly settled?: () => void;
}

/**
 * Runs a load within its time, and counts it.
 *
 * @throws what the load throws, TimeLimitError, or the reason of `signal`
 */
export async function timedLoad(
  context: LoadContext,
  load: Load<unknown>,
  hosted: HostedLoad,
  limits: LoadLimits,
  counts: CacheCounts,
  time: Timekeeping,
): Promise<unknown> {
  counts.loads++;
  const start = time.clock.now();
  try {
    return await withTimeLimit('load', () => hosted.run(() => load(context)), { ...limits, ...time });
  } finally {
    counts.loadTime += time.clock.now() - start;
  }
}
