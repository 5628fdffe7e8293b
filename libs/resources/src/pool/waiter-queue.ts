import type { DeadlineWheel } from '../time/deadline-wheel.js';
import type { Waiter } from './waiter.js';

/**
 * The callers that wait, first come first served. A linked list: joining, leaving and being next
 * are O(1). Who leaves, for whatever reason, leaves the deadline wheel and the signal with it.
 */
export class WaiterQueue<T> {
  private head: Waiter<T> | undefined;
  private tail: Waiter<T> | undefined;
  private count = 0;

  constructor(private readonly wheel: DeadlineWheel) {}

  get size(): number {
    return this.count;
  }

  /** @param deadline until when it may wait, in milliseconds of the wheel's clock */
  push(waiter: Waiter<T>, deadline: number): void {
    this.wheel.add(waiter, deadline);
    waiter.previous = this.tail;
    if (this.tail === undefined) this.head = waiter;
    else this.tail.next = waiter;
    this.tail = waiter;
    this.count++;
  }

  /** Takes out the one to serve next. */
  shift(): Waiter<T> | undefined {
    const { head } = this;
    if (head !== undefined) this.remove(head);
    return head;
  }

  /** @param waiter must be in this queue */
  remove(waiter: Waiter<T>): void {
    this.wheel.cancel(waiter);
    waiter.detach();
    const { previous, next } = waiter;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    waiter.previous = undefined;
    waiter.next = undefined;
    this.count--;
  }
}
