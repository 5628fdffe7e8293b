import type { Clock } from '../time/clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import type { LoadHost } from './loads/load-host.js';

/** What a cache is told besides its options. */
export interface CacheContext {
  /** Its name, for reports and errors. Default `'cache'`. */
  type?: string;
  /** Where its options stand, for errors. Default: its name. */
  at?: string;
  /** Where it gets its time from. Default: Node's monotonic clock. */
  clock?: Clock;
  /** @internal Where loads, destructions, listeners and timers run. Default: one of its own, made with the cache. */
  ground?: NeutralGround;
  /** @internal Gives each load a scope. Default: none does, there are no scopes. */
  host?: LoadHost;
}
