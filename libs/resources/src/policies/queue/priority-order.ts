import { EntryList, firstQueued } from './entry-list.js';
import { HIGHEST_PRIORITY, type QueueEntry, type QueueOrder } from './queue-order.js';

/**
 * The highest priority first, and within one priority first come, first served. Waiting counts: each
 * waiting for `ageing` milliseconds raises the priority by one, so that nobody starves.
 */
export class PriorityOrder<E extends QueueEntry<E>> implements QueueOrder<E> {
  private readonly levels = Array.from({ length: HIGHEST_PRIORITY + 1 }, () => new EntryList<E>());
  size = 0;

  /** @param ageing milliseconds of waiting that raise the priority by one; `Infinity` for strict priorities */
  constructor(private readonly ageing: number) {}

  get oldest(): E | undefined {
    return firstQueued(this.levels);
  }

  add(entry: E): void {
    this.levels[entry.priority].add(entry);
    this.size++;
  }

  take(now: number): E | undefined {
    let best: E | undefined;
    let most = -Infinity;
    for (let priority = HIGHEST_PRIORITY; priority >= 0; priority--) {
      const { head } = this.levels[priority];
      if (head === undefined) continue;
      const worth = priority + (now - head.queuedAt) / this.ageing;
      if (worth <= most) continue;
      best = head;
      most = worth;
    }
    if (best !== undefined) this.remove(best);
    return best;
  }

  remove(entry: E): void {
    this.levels[entry.priority].remove(entry);
    this.size--;
  }

  forEach(visit: (entry: E) => void): void {
    for (const level of this.levels) level.forEach(visit);
  }
}
