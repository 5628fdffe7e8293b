/** What a cache reports because nobody else would hear of it. `type` is the cache's name. */
export type CacheEvent =
  | {
      kind: 'destroyFailed' | 'refreshFailed' | 'validationFailed';
      type: string;
      key: string;
      cause: unknown;
    }
  | {
      kind: 'storeFailed';
      type: string;
      operation: 'get' | 'set' | 'delete' | 'clear' | 'disconnect';
      cause: unknown;
    };

export type CacheListener = (event: CacheEvent) => void;
