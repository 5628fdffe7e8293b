import { EntryList } from './entry-list.js';
import type { QueueEntry, QueueOrder } from './queue-order.js';

/**
 * Last come, first served. Under overload the newest callers still have their time before them, while
 * the oldest would be served too late to be of use; without overload it makes no difference.
 */
export class LifoOrder<E extends QueueEntry<E>> extends EntryList<E> implements QueueOrder<E> {
  get oldest(): E | undefined {
    return this.head;
  }

  take(): E | undefined {
    return this.takeLast();
  }
}
