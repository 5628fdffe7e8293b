import { EntryList } from '../../policies/queue/entry-list.js';
import type { Slot } from './slot.js';

/**
 * All slots of a pool, and the idle ones in the order in which they came back. Lending, returning and
 * retiring are O(1); a slot enters or leaves the table only when its resource is created or retired. It
 * keeps places, and knows nothing of loans.
 */
export class SlotTable<T> {
  /** All of them, a count. */
  size = 0;
  private readonly slots: Slot<T>[] = [];
  /** The idle ones, in the order in which they came back. */
  readonly idlers = new EntryList<Slot<T>>();
  private readonly heldBack = new EntryList<Slot<T>>();
  /** Whether the idle slot that came back first is lent next, rather than the one that came back last. */
  lendsOldest = false;
  /** What is of this generation, or younger, is lent before what is older; 0 where it makes no difference. */
  favoured = 0;

  get idle(): number {
    return this.idlers.size;
  }

  /** Those that are out of service and keep their place, a count. */
  get held(): number {
    return this.heldBack.size;
  }

  /** Those that are lent or may be, a count. */
  get inService(): number {
    return this.size - this.heldBack.size;
  }

  get allIdle(): boolean {
    return this.idlers.size === this.size;
  }

  add(slot: Slot<T>): void {
    slot.index = this.size++;
    this.slots.push(slot);
  }

  /** Takes a slot out, idle or not. */
  remove(slot: Slot<T>): void {
    if (slot.state === 'idle') this.idlers.remove(slot);
    else if (slot.state === 'held') this.heldBack.remove(slot);
    this.size--;
    const last = this.slots.pop();
    if (last !== undefined && last !== slot) {
      this.slots[slot.index] = last;
      last.index = slot.index;
    }
    slot.index = -1;
    slot.state = 'retired';
  }

  addIdle(slot: Slot<T>): void {
    if (this.favoured > 0 && slot.generation < this.favoured !== this.lendsOldest)
      return this.addRested(slot);
    slot.state = 'idle';
    this.idlers.add(slot);
  }

  addHeld(slot: Slot<T>): void {
    slot.state = 'held';
    this.heldBack.add(slot);
  }

  /** The one that was held first. */
  get longestHeld(): Slot<T> | undefined {
    return this.heldBack.head;
  }

  /** The least recently used one. */
  get longestIdle(): Slot<T> | undefined {
    return this.idlers.head;
  }

  /** Puts back one that was not used: it takes its place before all others. */
  addRested(slot: Slot<T>): void {
    slot.state = 'idle';
    this.idlers.addFirst(slot);
  }

  /** The idle slot to lend next; it stays where it is. */
  get nextIdle(): Slot<T> | undefined {
    return this.lendsOldest ? this.idlers.head : this.idlers.tail;
  }

  /** @param slot must be idle */
  takeIdle(slot: Slot<T>): void {
    this.idlers.remove(slot);
    slot.state = 'busy';
  }

  some(test: (slot: Slot<T>) => boolean): boolean {
    return this.slots.some(test);
  }

  count(test: (slot: Slot<T>) => boolean): number {
    return this.slots.reduce((count, slot) => (test(slot) ? count + 1 : count), 0);
  }

  /** Visits each slot. Slots may come and go meanwhile; one that went is not visited. */
  forEach(visit: (slot: Slot<T>) => void): void {
    for (const slot of this.slots.slice()) if (slot.state !== 'retired') visit(slot);
  }

  /** Visits each idle slot, the least recently used first. One that is not idle any more is not visited. */
  forEachIdle(visit: (slot: Slot<T>) => void): void {
    const idle: Slot<T>[] = [];
    this.idlers.forEach((slot) => idle.push(slot));
    for (const slot of idle) if (slot.state === 'idle') visit(slot);
  }
}
