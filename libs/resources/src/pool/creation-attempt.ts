import { withTimeLimit } from '../time/time-limit.js';
import type { PoolTime } from './pool-time.js';
import type { ResourceFactory } from './resource-factory.js';
import { Slot } from './slot.js';

/** What makes the next resource. */
export interface Maker<T> {
  readonly factory: ResourceFactory<T>;
  readonly generation: number;
}

/** What the pool hears of what a creation brings besides the resource that it was started for. */
export interface AttemptKeeper<T> {
  /** A resource came too late, or was dead on arrival. */
  unwanted(resource: T, factory: ResourceFactory<T>): void;
  died(slot: Slot<T>, cause: unknown): void;
}

/** The bounds of one attempt. */
export interface AttemptBounds {
  /** Most milliseconds. */
  readonly limit: number;
  /** Each of them ends it. */
  readonly signals: readonly AbortSignal[];
}

/**
 * Calls a factory's `create` once, within a time-out, and sees to it that what comes late is not lost.
 *
 * @throws what `create` throws; TimeLimitError; a signal's reason; what `retire` was called with meanwhile
 */
export async function attemptCreation<T>(
  { factory, generation }: Maker<T>,
  { limit, signals }: AttemptBounds,
  keeper: AttemptKeeper<T>,
  time: PoolTime,
): Promise<Slot<T>> {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = ({ target }: Event): void => controller.abort((target as AbortSignal).reason); // only signals are listened to
  let slot: Slot<T> | undefined;
  let dead: { cause: unknown } | undefined;
  const retire = (cause?: unknown): void => {
    if (slot === undefined) dead ??= { cause };
    else keeper.died(slot, cause);
  };
  for (const ending of signals) ending.throwIfAborted();
  for (const ending of signals) ending.addEventListener('abort', abort);
  try {
    const resource = await withTimeLimit('create', () => factory.create({ signal, retire }), {
      limit,
      ...time,
      signal,
      late: (resource) => keeper.unwanted(resource, factory),
    });
    if (dead !== undefined) {
      keeper.unwanted(resource, factory);
      throw dead.cause ?? new Error('it was retired before its creation had ended');
    }
    slot = new Slot(resource, factory, generation, time.clock.now());
    return slot;
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    for (const ending of signals) ending.removeEventListener('abort', abort);
  }
}
