import type { CacheEvent, CacheListener } from '../reports/cache-event.js';
import { tell } from '../errors/warn-of.js';
import type { NeutralGround } from '../time/neutral-ground.js';

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
