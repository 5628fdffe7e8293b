import type { QueueEntry } from './queue-order.js';

/** A list linked through its entries: adding and taking at either end and leaving from anywhere are O(1). */
export class EntryList<E extends Pick<QueueEntry<E>, 'previous' | 'next'>> {
  head: E | undefined = undefined;
  tail: E | undefined = undefined;
  size = 0;

  add(entry: E): void {
    const { tail } = this;
    entry.previous = tail;
    if (tail === undefined) this.head = entry;
    else tail.next = entry;
    this.tail = entry;
    this.size++;
  }

  addFirst(entry: E): void {
    const { head } = this;
    entry.next = head;
    if (head === undefined) this.tail = entry;
    else head.previous = entry;
    this.head = entry;
    this.size++;
  }

  takeFirst(): E | undefined {
    const { head } = this;
    if (head !== undefined) this.remove(head);
    return head;
  }

  takeLast(): E | undefined {
    const { tail } = this;
    if (tail !== undefined) this.remove(tail);
    return tail;
  }

  /** @param entry must be in it */
  remove(entry: E): void {
    const { previous, next } = entry;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
    this.size--;
  }

  /** Visits all from the first; the one that is visited may be removed. */
  forEach(visit: (entry: E) => void): void {
    for (let entry = this.head; entry !== undefined;) {
      const { next } = entry;
      visit(entry);
      entry = next;
    }
  }
}

/** The one that waits longest, of lists in each of which the first does. */
export function firstQueued<E extends QueueEntry<E>>(lists: Iterable<EntryList<E>>): E | undefined {
  let first: E | undefined;
  for (const { head } of lists) {
    if (head !== undefined && (first === undefined || head.queuedAt < first.queuedAt)) first = head;
  }
  return first;
}
