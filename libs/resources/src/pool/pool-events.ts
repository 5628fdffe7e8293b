import type { PoolEvent, PoolListener } from '../reports/pool-event.js';
import { tell } from '../errors/warn-of.js';
import type { NeutralGround } from '../time/neutral-ground.js';

/** The listeners of a pool. While there are none, the pool does not even make the event. */
export class PoolEvents {
  private listeners: readonly { listener: PoolListener }[] = [];
  /** Ask before making an event. */
  observed = false;

  constructor(private readonly ground: NeutralGround) {}

  /** A user's listener, which hears on neutral ground. @returns stops listening */
  observe(listener: PoolListener): () => void {
    return this.follow((event) => this.ground.run(() => listener(event)));
  }

  /** Our own. @returns stops listening */
  follow(listener: PoolListener): () => void {
    const entry = { listener };
    this.listeners = [...this.listeners, entry];
    this.observed = true;
    return () => {
      this.listeners = this.listeners.filter((other) => other !== entry);
      this.observed = this.listeners.length > 0;
    };
  }

  /** A listener that throws or rejects is reported as a process warning and disturbs neither the pool nor the others. */
  emit(event: PoolEvent): void {
    for (const { listener } of this.listeners) tell(() => listener(event));
  }
}
