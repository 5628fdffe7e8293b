import { Deadline } from '../time/deadline-wheel.js';
import type { Lease } from './lease.js';

/** What becomes of a waiter that is not served; implemented by the pool. */
export interface WaiterKeeper<T> {
  waiterExpired(waiter: Waiter<T>): void;
  waiterAborted(waiter: Waiter<T>, reason: unknown): void;
}

/** One caller in the queue. It is its own node in the queue and in the deadline wheel, so leaving both is O(1). */
export class Waiter<T> extends Deadline {
  /** @internal */
  previous: Waiter<T> | undefined = undefined;
  /** @internal */
  next: Waiter<T> | undefined = undefined;

  /** @param timeout milliseconds it may wait */
  constructor(
    private readonly keeper: WaiterKeeper<T>,
    readonly owner: string,
    readonly timeout: number,
    readonly signal: AbortSignal | undefined,
    readonly resolve: (lease: Lease<T>) => void,
    readonly reject: (error: Error) => void,
  ) {
    super();
    signal?.addEventListener('abort', this);
  }

  /** Stops listening to the caller's signal. */
  detach(): void {
    this.signal?.removeEventListener('abort', this);
  }

  /** The waiter is its own event listener, so that listening allocates nothing. */
  handleEvent(): void {
    this.keeper.waiterAborted(this, this.signal?.reason);
  }

  override expire(): void {
    this.keeper.waiterExpired(this);
  }
}
