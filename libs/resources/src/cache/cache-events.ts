import { tell } from '../errors/warn-of.js';
import type { NeutralGround } from '../time/neutral-ground.js';

/** What a cache reports because nobody else would hear of it. `type` is the cache's name. */
export type CacheEvent =
  | { kind: 'disposeFailed' | 'refreshFailed'; type: string; key: string; cause: unknown }
  | {
      kind: 'storeFailed';
      type: string;
      operation: 'get' | 'set' | 'delete' | 'clear' | 'disconnect';
      cause: unknown;
    };

export type CacheListener = (event: CacheEvent) => void;

/**
 * The listeners of a cache, which hear on neutral ground. One that throws or rejects is reported as a process warning and
 * disturbs nobody else.
 */
export class CacheEvents {
  private listeners: readonly { listener: CacheListener }[] = [];

  constructor(private readonly ground: NeutralGround) {}

  /** @returns stops listening */
  observe(listener: CacheListener): () => void {
    const entry = { listener };
    this.listeners = [...this.listeners, entry];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== entry);
    };
  }

  emit(event: CacheEvent): void {
    for (const { listener } of this.listeners) tell(() => this.ground.run(() => listener(event)));
  }
}
