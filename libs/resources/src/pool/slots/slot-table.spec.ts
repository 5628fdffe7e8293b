import { beforeEach, describe, expect, it } from '@jest/globals';
import { SlotTable } from './slot-table.js';
import { Slot } from './slot.js';

describe('SlotTable', () => {
  let table: SlotTable<number>;
  let slots: Slot<number>[];

  beforeEach(() => {
    table = new SlotTable();
    slots = [0, 1, 2, 3].map((resource) => new Slot(resource, { create: () => 0 }, 0, 0, resource + 1));
    for (const slot of slots) table.add(slot);
  });

  const resources = (): number[] => {
    const seen: number[] = [];
    table.forEach(({ resource }) => seen.push(resource));
    return seen;
  };

  const take = (): Slot<number> | undefined => {
    const slot = table.nextIdle;
    if (slot !== undefined) table.takeIdle(slot);
    return slot;
  };

  it('lends idle slots last in, first out', () => {
    for (const slot of slots) table.addIdle(slot);
    expect([take(), take()]).toEqual([slots[3], slots[2]]);
    expect([table.size, table.idle]).toEqual([4, 2]);
    expect(slots.map(({ state }) => state)).toEqual(['idle', 'idle', 'busy', 'busy']);
  });

  it('lends them first in, first out, when told so', () => {
    table.lendsOldest = true;
    for (const slot of slots) table.addIdle(slot);
    expect([take(), take()]).toEqual([slots[0], slots[1]]);
  });

  it('has nothing to lend when nothing is idle', () => {
    expect(table.nextIdle).toBeUndefined();
  });

  it.each([0, 1, 3])('forgets slot %d, idle or not', (index) => {
    const [idle, busy] = [slots[index], slots[2]];
    table.addIdle(idle);
    table.remove(idle);
    table.remove(busy);
    expect([table.size, table.idle]).toEqual([2, 0]);
    expect(resources().toSorted((a, b) => a - b)).toEqual(
      [0, 1, 2, 3].filter((each) => each !== index && each !== 2),
    );
    expect([idle.state, busy.state]).toEqual(['retired', 'retired']);
  });

  it('takes out each slot correctly after others have moved', () => {
    for (const index of [0, 3, 1, 2]) table.remove(slots[index]);
    expect(resources()).toEqual([]);
  });

  it('visits idle slots, the least recently used first, but none that was lent or retired meanwhile', () => {
    for (const slot of slots) table.addIdle(slot);
    const seen: number[] = [];
    table.forEachIdle(({ resource }) => {
      seen.push(resource);
      if (resource === 0) {
        take();
        table.remove(slots[1]);
      }
    });
    expect(seen).toEqual([0, 2]);
  });

  it('visits all slots but those retired meanwhile', () => {
    const seen: number[] = [];
    table.forEach(({ resource }) => {
      seen.push(resource);
      if (resource === 1) table.remove(slots[3]);
    });
    expect(seen).toEqual([0, 1, 2]);
  });
});
