import { isGroup } from '../options/option-reader.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { availableCpus } from './upkeep/available-cpus.js';

/** Milliseconds that ending a thread may take, with what it has to close, besides the time that its jobs have to end by themselves. */
const TO_END = 4_500;

/** Milliseconds in which a thread is to end, if not stated otherwise; a shutdown has an end, whatever runs. */
export function timeToRetire(graceful: number): number {
  return graceful === Infinity ? TO_END : graceful + TO_END;
}

/**
 * How processors are pooled, where that is not stated: one thread less than there are CPUs, so that the event loop has its own; one from the
 * start, so that a worker that can't be loaded fails it; and none is kept waiting for work that was given up, because the thread is told to
 * stop.
 *
 * @param given not checked yet
 * @param graceful milliseconds that a job may take to end by itself
 */
export function poolOptionsFor(given: PoolOptions | undefined, graceful: number): PoolOptions {
  if (given !== undefined && !isGroup(given)) return given; // for the pool to refuse
  const { sizing } = given ?? {};
  const most = Math.max(1, availableCpus() - 1);
  return {
    ...boundsFor(sizing?.mode, most),
    maxLifetime: Infinity, // its threads are recycled
    ...given,
    ...(sizing?.mode === 'adaptive' && { sizing: { most: Math.max(most, sizing.least ?? 1), ...sizing } }),
    abandonment: withDefaults({ wait: 0 }, given?.abandonment),
    retirement: withDefaults({ timeout: timeToRetire(graceful) }, given?.retirement),
    validation: withDefaults({ timeout: { reset: graceful + TO_END } }, given?.validation),
  };
}

function boundsFor(mode: string | undefined, most: number): Pick<PoolOptions, 'min' | 'max'> {
  if (mode === 'adaptive') return { min: 1 };
  return mode === 'fixed' ? { max: most } : { min: 1, max: most };
}

/** What is no group is for the pool to refuse. */
function withDefaults<O extends object>(defaults: O, given: O | undefined): O {
  return given === undefined || isGroup(given) ? { ...defaults, ...given } : given;
}
