import { withTimeLimit } from '../../hooks/time-limit.js';
import type { PoolTime } from '../pool-time.js';
import type { ResourceFactory } from '../factory/resource-factory.js';
import { Slot } from '../slots/slot.js';

/** What makes the next resource. */
export interface Maker<T> {
  readonly factory: ResourceFactory<T>;
  readonly generation: number;
}

/** What a creation has brought: a resource, its number, and what made it. */
export type Made<T> = Pick<Slot<T>, 'id' | 'resource' | 'factory'>;

/** Where what a creation brings goes, besides the resource that it was started for; implemented by the inventory. */
export interface AttemptHost<T> {
  /** Asked before each try, so that a retry follows a reconfiguration. */
  maker(): Maker<T>;
  /** Takes what `create` has brought for a resource. @returns its number. @throws InvalidOptionsError if it is not a resource, or is one already */
  takeIn(resource: T): number;
  /** A resource that was taken in is not needed, or was dead on arrival. */
  unwanted(made: Made<T>): void;
  /** Something came when nobody waited for it any more. */
  cameLate(resource: T, factory: ResourceFactory<T>): void;
  /** `create` is called, and sooner or later will have settled, if it ever does. */
  createBegan(): void;
  createSettled(): void;
  died(slot: Slot<T>, cause: unknown): void;
}

/** The bounds of one attempt. */
export interface AttemptBounds {
  /** Most milliseconds. */
  readonly limit: number;
  /** Each of them ends it. */
  readonly signals: readonly AbortSignal[];
  /** Only tells the factory that it may give up. */
  readonly superseded?: AbortSignal;
}

/**
 * Calls a factory's `create` once, within a time-out, and sees to it that what comes late is not lost.
 *
 * @throws what `create` throws; TimeLimitError; a signal's reason; what `retire` was called with meanwhile;
 * InvalidOptionsError for what is not a resource, or is one already
 */
export async function attemptCreation<T>(
  host: AttemptHost<T>,
  { limit, signals, superseded }: AttemptBounds,
  time: PoolTime,
): Promise<Slot<T>> {
  const { factory, generation } = host.maker();
  const controller = new AbortController();
  const { signal } = controller;
  const abort = ({ target }: Event): void => controller.abort((target as AbortSignal).reason); // only signals are listened to
  let slot: Slot<T> | undefined;
  let dead: { cause: unknown } | undefined;
  const retire = (cause?: unknown): void => {
    if (slot === undefined) dead ??= { cause };
    else host.died(slot, cause);
  };
  for (const ending of signals) ending.throwIfAborted();
  for (const ending of signals) ending.addEventListener('abort', abort);
  const heard = superseded === undefined ? signal : AbortSignal.any([signal, superseded]);
  host.createBegan();
  let resource: T;
  try {
    resource = await withTimeLimit(
      'create',
      () => factory.create({ signal: heard, retire, key: '', secret: undefined }),
      {
        limit,
        ...time,
        signal,
        late: (resource) => host.cameLate(resource, factory),
        settled: () => host.createSettled(),
      },
    );
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    for (const ending of signals) ending.removeEventListener('abort', abort);
  }
  // What is refused here may be in use: nothing is aborted for it that may be its own.
  const id = host.takeIn(resource);
  if (dead !== undefined) {
    host.unwanted({ id, resource, factory });
    throw dead.cause ?? new Error('it was retired before its creation had ended');
  }
  slot = new Slot(resource, factory, generation, time.clock.now(), id);
  return slot;
}
