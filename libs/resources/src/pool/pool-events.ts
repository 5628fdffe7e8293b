import { tell } from '../errors/warn-of.js';
import type { RetireReason } from '../policies/retire-reason.js';
import type { NeutralGround } from '../time/neutral-ground.js';

/** What happens in a pool. `type` is the resource type throughout. */
export type PoolEvent = (
  | {
      kind: 'acquired' | 'released' | 'leaked' | 'abandoned' | 'timeout' | 'aborted' | 'refused' | 'shed';
      type: string;
      owner: string;
    }
  | LeakEvent
  | { kind: 'created' | 'destroyed'; type: string }
  | { kind: 'retired'; type: string; reason: RetireReason; cause?: unknown }
  | { kind: 'creationFailed' | 'destroyFailed' | 'predicateFailed'; type: string; cause: unknown }
  /** Creation is suspended for `cooldown` milliseconds. */
  | { kind: 'breakerOpened'; type: string; cause: unknown; cooldown: number }
  | { kind: 'breakerClosed'; type: string }
) & {
  /** In a keyed pool, the key concerned. */
  key?: string;
};

/** A lease has been held for longer than `leaks.warnAfter`, or came back after that. `age` in milliseconds. */
export type LeakEvent =
  | { kind: 'leakSuspected'; type: string; owner: string; age: number; stack: string | undefined }
  | { kind: 'leakReturned'; type: string; owner: string; age: number };

export type PoolListener = (event: PoolEvent) => void;

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
