/** What fails in a cache. `type` is the cache's name. */
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
    };

export type CacheListener = (event: CacheEvent) => void;
