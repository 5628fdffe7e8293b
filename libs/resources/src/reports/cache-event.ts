import type { RemovalCause } from './cache-stats.js';

/** What fails in a cache, and which values leave it. `type` is the cache's name. */
export type CacheEvent =
  | {
      kind:
        | 'creationFailed'
        | 'destroyFailed'
        | 'refreshFailed'
        | 'validationFailed'
        | 'workFailed'
        | 'isFatalFailed';
      type: string;
      key: string;
      cause: unknown;
    }
  /** A caller of a cached resource type got none. */
  | { kind: 'timeout' | 'refused'; type: string; key: string; owner: string }
  | {
      kind: 'storeFailed';
      type: string;
      operation: 'get' | 'set' | 'delete' | 'clear' | 'disconnect';
      cause: unknown;
    }
  /** A value has left the cache. `key` is escaped, and shortened to 200 characters: for people. */
  | { kind: 'removed'; type: string; key: string; reason: ValueRemovalReason };

/** Why a value left a cache. */
export type ValueRemovalReason = Exclude<RemovalCause, 'invalid'>;

export type CacheListener = (event: CacheEvent) => void;
