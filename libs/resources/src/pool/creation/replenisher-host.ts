import type { PoolStats } from '../../reports/pool-stats.js';
import type { Inventory } from '../inventory.js';
import type { PoolEvents } from '../pool-events.js';
import type { Slot } from '../slots/slot.js';

/** What callers need. */
export interface Demand {
  /** Callers that could be served now, a count. */
  pending: number;
  /** Resources on their way to them already, a count. */
  arriving: number;
  /** Since when the first of them has been waiting, in milliseconds of the clock; `Infinity` when nobody is. */
  since: number;
}

/** For whom a replenisher creates, and where what it creates goes; implemented by the dispatcher. */
export interface ReplenisherHost<T> {
  readonly type: string;
  readonly events: PoolEvents;
  readonly inventory: Inventory<T>;
  /** Tries again what has failed. */
  readonly housekeeper: { start(): void };
  demand(): Demand;
  stats(): PoolStats;
  /** One is in service that was not. */
  arrived(slot: Slot<T>): void;
  /** Whether a caller will still be waiting for one more resource at that moment, in milliseconds of the clock. */
  wants(at: number): boolean;
  /** A creation has ended for good: the callers that it fails hear of it. */
  creationFailed(cause: unknown): void;
  /** Callers that could not be served before may be served now, or must be told that they can't. */
  pump(): void;
}
