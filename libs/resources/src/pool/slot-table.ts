import type { Slot } from './slot.js';

/**
 * All slots of a pool, and the idle ones as a stack, so that the most recently used is lent first.
 * Lending and returning are a push or a pop; a slot enters or leaves the table only when its
 * resource is created or retired. It keeps places, and knows nothing of loans.
 */
export class SlotTable<T> {
  private readonly slots: Slot<T>[] = [];
  private readonly stack: Slot<T>[] = [];

  get size(): number {
    return this.slots.length;
  }

  get idle(): number {
    return this.stack.length;
  }

  get allIdle(): boolean {
    return this.stack.length === this.slots.length;
  }

  add(slot: Slot<T>): void {
    slot.index = this.slots.length;
    this.slots.push(slot);
  }

  /** Takes a slot out, idle or not. */
  remove(slot: Slot<T>): void {
    if (slot.state === 'idle') this.stack.splice(this.stack.lastIndexOf(slot), 1);
    const last = this.slots.pop();
    if (last !== undefined && last !== slot) {
      this.slots[slot.index] = last;
      last.index = slot.index;
    }
    slot.index = -1;
    slot.state = 'retired';
  }

  pushIdle(slot: Slot<T>): void {
    slot.state = 'idle';
    this.stack.push(slot);
  }

  /** The idle slot to lend next; it stays where it is. */
  peekIdle(): Slot<T> | undefined {
    return this.stack[this.stack.length - 1];
  }

  popIdle(): Slot<T> | undefined {
    const slot = this.stack.pop();
    if (slot !== undefined) slot.state = 'busy';
    return slot;
  }

  /** Visits each slot. Slots may come and go meanwhile; one that went is not visited. */
  forEach(visit: (slot: Slot<T>) => void): void {
    for (const slot of this.slots.slice()) if (slot.state !== 'retired') visit(slot);
  }

  /** Visits each idle slot, the least recently used first. One that is not idle any more is not visited. */
  forEachIdle(visit: (slot: Slot<T>) => void): void {
    for (const slot of this.stack.slice()) if (slot.state === 'idle') visit(slot);
  }
}
