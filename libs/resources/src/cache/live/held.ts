import type { LiveResource } from './live-resource.js';

/** A value under a key. */
export class CachedValue {
  /** @param freshUntil milliseconds of the clock. Afterwards it is stale, or gone; `Infinity` when it is fresh until its entry expires */
  constructor(
    readonly value: unknown,
    readonly tags: readonly string[],
    public freshUntil: number,
  ) {}
}

/** A load's failure under a key, for everyone who asks meanwhile. */
export class CachedFailure {
  constructor(
    readonly reason: unknown,
    readonly tags: readonly string[],
  ) {}
}

/** Keeps room for a resource that is being loaded. */
export class Reservation {
  readonly tags: readonly string[] = [];
}

/** What the engine may hold under a key. */
export type Held = CachedValue | CachedFailure | Reservation | LiveResource;
