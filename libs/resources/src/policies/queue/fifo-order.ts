import { EntryList } from './entry-list.js';
import type { QueueEntry, QueueOrder } from './queue-order.js';

/** First come, first served. */
export class FifoOrder<E extends QueueEntry<E>> extends EntryList<E> implements QueueOrder<E> {
  get oldest(): E | undefined {
    return this.head;
  }

  take(): E | undefined {
    return this.takeFirst();
  }
}
