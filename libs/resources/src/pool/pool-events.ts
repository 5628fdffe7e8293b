import type { PoolEvent, PoolListener } from '../reports/pool-event.js';
import { tell } from '../words/warn-of.js';
import type { NeutralGround } from '../time/neutral-ground.js';

/** Another part of the library that listens. @param isTrouble whether those who only look out for trouble hear of it, too */
type Follower = (event: PoolEvent, isTrouble: boolean) => void;

/** The listeners of a pool. While there are none, the pool does not even make the event. */
export class PoolEvents {
  private listeners: readonly { listener: Follower }[] = [];
  private lookouts: readonly PoolListener[] = [];
  /** Ask before making an event. */
  observed = false;
  /** Ask before making an event that is trouble, or its end. */
  lookedOut = false;

  constructor(private readonly ground: NeutralGround) {}

  /** A user's listener, which hears on neutral ground. @returns stops listening */
  observe(listener: PoolListener): () => void {
    return this.follow((event) => this.ground.run(() => listener(event)));
  }

  /** Our own. @returns stops listening */
  follow(listener: Follower): () => void {
    const entry = { listener };
    this.listeners = [...this.listeners, entry];
    this.look();
    return () => {
      this.listeners = this.listeners.filter((other) => other !== entry);
      this.look();
    };
  }

  /** Our own, for as long as the pool lives: hears of trouble only, so that what happens all the time still costs nothing. */
  lookOut(lookout: PoolListener): void {
    this.lookouts = [...this.lookouts, lookout];
    this.look();
  }

  /** Of trouble, or of its end. */
  emitTrouble(event: PoolEvent): void {
    this.emit(event, true);
  }

  /** A listener that throws or rejects is reported as a process warning and disturbs neither the pool nor the others. */
  emit(event: PoolEvent, isTrouble = false): void {
    for (const { listener } of this.listeners) tell(() => listener(event, isTrouble));
    if (isTrouble) for (const lookout of this.lookouts) tell(() => lookout(event));
  }

  private look(): void {
    this.observed = this.listeners.length > 0;
    this.lookedOut = this.observed || this.lookouts.length > 0;
  }
}
