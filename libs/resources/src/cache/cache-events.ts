import type { CacheEvent, CacheListener } from '../reports/cache-event.js';
import type { RemovalCause } from '../reports/cache-stats.js';
import { describeName } from '../words/describe-name.js';
import { tell } from '../words/warn-of.js';
import { inMicrotask } from '../hooks/in-microtask.js';
import type { NeutralGround } from '../time/neutral-ground.js';

/**
 * The listeners of a cache, which hear on neutral ground. One that throws or rejects is reported as a process warning and
 * disturbs nobody else.
 */
export class CacheEvents {
  private listeners: readonly { listener: CacheListener }[] = [];
  private lookouts: readonly CacheListener[] = [];
  /** Whether a user listens. Otherwise, what is not a failure doesn't even become an event. */
  private observed = false;

  constructor(private readonly ground: NeutralGround) {}

  /** A user's listener. @returns stops listening */
  observe(listener: CacheListener): () => void {
    const entry = { listener };
    this.listeners = [...this.listeners, entry];
    this.observed = true;
    return () => {
      this.listeners = this.listeners.filter((other) => other !== entry);
      this.observed = this.listeners.length > 0;
    };
  }

  /** Our own, for as long as the cache lives: hears of failures only, so that what happens all the time still costs nothing. */
  lookOut(lookout: CacheListener): void {
    this.lookouts = [...this.lookouts, lookout];
  }

  /** A value has left. Nobody may be told within the operation that took it out: a listener may change the cache. */
  removed(type: string, key: string, reason: RemovalCause): void {
    if (!this.observed || reason === 'invalid') return;
    inMicrotask(() => this.emit({ kind: 'removed', type, key: describeName(key), reason }));
  }

  emit(event: CacheEvent): void {
    for (const { listener } of this.listeners) tell(() => this.ground.run(() => listener(event)));
    if (event.kind === 'removed') return;
    for (const lookout of this.lookouts) tell(() => this.ground.run(() => lookout(event)));
  }
}
