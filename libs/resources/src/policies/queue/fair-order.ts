import { EntryList, firstQueued } from './entry-list.js';
import type { QueueEntry, QueueOrder } from './queue-order.js';

/** The entries of one lane, itself an entry of the round. */
class Lane<E extends QueueEntry<E>> extends EntryList<E> {
  previous: Lane<E> | undefined = undefined;
  next: Lane<E> | undefined = undefined;
}

/**
 * One from each lane in turn, and within a lane first come, first served: nobody waits behind another
 * tenant's thousand.
 */
export class FairOrder<E extends QueueEntry<E>> implements QueueOrder<E> {
  private readonly lanes = new Map<string, Lane<E>>();
  /** The lanes that have entries, the next to be served first. */
  private readonly round = new EntryList<Lane<E>>();
  size = 0;

  get oldest(): E | undefined {
    return firstQueued(this.lanes.values());
  }

  add(entry: E): void {
    let lane = this.lanes.get(entry.lane);
    if (lane === undefined) {
      lane = new Lane();
      this.lanes.set(entry.lane, lane);
      this.round.add(lane);
    }
    lane.add(entry);
    this.size++;
  }

  take(): E | undefined {
    const lane = this.round.head;
    const entry = lane?.head;
    if (lane === undefined || entry === undefined) return undefined;
    this.remove(entry);
    if (lane.size > 0) {
      this.round.remove(lane);
      this.round.add(lane);
    }
    return entry;
  }

  remove(entry: E): void {
    const lane = this.lanes.get(entry.lane);
    if (lane === undefined) return;
    lane.remove(entry);
    this.size--;
    if (lane.size > 0) return;
    this.round.remove(lane);
    this.lanes.delete(entry.lane);
  }

  forEach(visit: (entry: E) => void): void {
    for (const lane of this.lanes.values()) lane.forEach(visit);
  }
}
