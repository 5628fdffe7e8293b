import { describe, expect, it } from '@jest/globals';
import { CoDel } from './co-del.js';

describe('CoDel', () => {
  /** Serves one caller each 10 ms, from 0 on, with such waits. @returns the waits of those that it sheds */
  function shedOf(coDel: CoDel, waits: number[], from = 0): number[] {
    return waits.filter((waited, index) => coDel.sheds(waited, from + index * 10));
  }

  const lasting = (waited: number, count: number): number[] => Array.from({ length: count }, () => waited);

  it('sheds nobody in a burst, however long some wait', () => {
    const burst = [...lasting(500, 5), 20, ...lasting(500, 5)];
    expect(shedOf(new CoDel(50, 100), [...burst, ...burst])).toEqual([]);
  });

  it('sheds who has waited for more than twice the target once a whole interval had no shorter wait', () => {
    const coDel = new CoDel(50, 100);
    expect(shedOf(coDel, lasting(500, 10))).toEqual([]);
    expect(shedOf(coDel, [500, 101, 100, 60, 40], 100)).toEqual([500, 101]);
  });

  it('stops after an interval in which somebody waited no longer than the target', () => {
    const coDel = new CoDel(50, 100);
    shedOf(coDel, lasting(500, 20));
    expect(shedOf(coDel, [50, ...lasting(500, 9)], 200)).toHaveLength(9);
    expect(shedOf(coDel, lasting(500, 9), 300)).toEqual([]);
  });

  it('takes an empty queue for a wait of nothing', () => {
    const coDel = new CoDel(50, 100);
    shedOf(coDel, lasting(500, 10));
    coDel.queueIsEmpty();
    expect(shedOf(coDel, lasting(500, 9), 100)).toEqual([]);
  });

  it('counts from the moment when a queue begins whether it is stalled', () => {
    const coDel = new CoDel(50, 100);
    coDel.sheds(10, 0);
    coDel.queueHasBegun();
    expect(coDel.isStalled()).toBe(true);
  });

  it('calls a queue stalled in which nobody had a turn since the last look', () => {
    const coDel = new CoDel(50, 100);
    coDel.sheds(10, 0);
    expect(coDel.isStalled()).toBe(false);
    expect(coDel.isStalled()).toBe(true);
    coDel.sheds(10, 200);
    expect(coDel.isStalled()).toBe(false);
  });

  it('sheds at the next turn who has waited for too long once the queue was stalled, and not before', () => {
    const coDel = new CoDel(50, 1_000);
    coDel.sheds(0, 0);
    coDel.queueHasBegun();
    coDel.sheds(10, 100);
    expect(coDel.isStalled()).toBe(false);
    expect(coDel.sheds(300, 400)).toBe(false);
    coDel.queueHasBegun();
    expect(coDel.isStalled()).toBe(true);
    expect(coDel.sheds(300, 500)).toBe(true);
  });

  it.each([
    [100, false],
    [101, true],
  ])('takes a wait of %d ms for a target of 50 for too long: %s', (waited, tooLong) => {
    expect(new CoDel(50, 100).isTooLong(waited)).toBe(tooLong);
  });
});
