import type { CacheEvent } from './cache-event.js';
import type { PoolEvent } from './pool-event.js';

/** The events of pools and caches that mean trouble. */
export const TROUBLE_KINDS = [
  'creationFailed',
  'timeout',
  'refused',
  'shed',
  'leaked',
  'validationFailed',
  'workFailed',
  'resetFailed',
  'destroyFailed',
  'predicateFailed',
  'isFatalFailed',
  'refreshFailed',
  'storeFailed',
] as const satisfies readonly (PoolEvent | CacheEvent)['kind'][];

export type TroubleKind = (typeof TROUBLE_KINDS)[number];

/** What goes wrong in a pool or a cache: all that is of one kind, from the first time on until it is over. */
export interface Trouble {
  source: 'pool' | 'cache';
  /** The resource type, or the cache's name. */
  type: string;
  /** The event that tells of it. */
  kind: TroubleKind;
  since: Date;
  /** How often it has happened since then. */
  count: number;
  /** Why, the last time; on one line, escaped. */
  cause: string | undefined;
  /** To whom, the last time. */
  owner: string | undefined;
  /** In a keyed pool or a cache, for which key, the last time. */
  key: string | undefined;
}

/** Hears when trouble begins, and when it is over. Each is told once, however often it happens between the two. */
export interface TroubleListener {
  began(trouble: Trouble): void;
  /** @param duration milliseconds from the first time to the last */
  ended(trouble: Trouble, duration: number): void;
}
