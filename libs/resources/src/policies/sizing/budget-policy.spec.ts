import { describe, expect, it } from '@jest/globals';
import { type BudgetClaim, BudgetPolicy } from './budget-policy.js';

const at = (held: number, more: Partial<BudgetClaim> = {}): BudgetClaim => ({
  held,
  min: 0,
  idle: 0,
  wants: 0,
  since: more.wants === undefined ? Infinity : 1_000,
  ...more,
});

describe('BudgetPolicy', () => {
  describe('gives the next unit', () => {
    const policy = new BudgetPolicy(10);

    it('to nobody when nobody wants one', () => {
      expect(policy.next([at(3), at(4)])).toBeUndefined();
      expect(policy.next([])).toBeUndefined();
    });

    it('to who has waited longest', () => {
      const claims = [at(2, { wants: 1, since: 30 }), at(2, { wants: 1, since: 10 }), at(2)];
      expect(policy.next(claims)).toBe(1);
    });

    it('to who has callers rather than to who lacks its min', () => {
      const lacking = at(1, { wants: 1, since: Infinity, min: 2 });
      expect(policy.next([lacking, at(0, { wants: 1 }), lacking])).toBe(1);
      expect(policy.next([lacking, lacking])).toBe(0);
    });

    it('to who has less than its share rather than to who has waited longest', () => {
      const claims = [at(7, { wants: 9, since: 10 }), at(2, { wants: 9, since: 30 })];
      expect(policy.next(claims)).toBe(1);
    });

    it('to who has its share already when the others need no more', () => {
      expect(policy.next([at(7, { wants: 1 }), at(2)])).toBe(0);
    });
  });

  describe('asks for an idle resource', () => {
    const policy = new BudgetPolicy(10);

    it('the pool that has most', () => {
      expect(policy.donor([at(2, { wants: 1 }), at(4, { idle: 2 }), at(4, { idle: 3 })])).toBe(2);
    });

    it('nobody while there is a unit left, or on its way', () => {
      expect(policy.donor([at(2, { wants: 1 }), at(7, { idle: 7 })])).toBeUndefined();
    });

    it('nobody below its min', () => {
      expect(policy.donor([at(5, { wants: 1 }), at(5, { idle: 5, min: 5 })])).toBeUndefined();
      expect(policy.donor([at(4, { wants: 1 }), at(6, { idle: 6, min: 5 })])).toBe(1);
    });

    it('nobody whose own callers wait', () => {
      expect(policy.donor([at(5, { wants: 1 }), at(5, { idle: 1, since: 10 })])).toBeUndefined();
    });
  });

  describe('takes what has come back', () => {
    const policy = new BudgetPolicy(10);

    it('from a pool in which nobody waits', () => {
      const claims = [at(5), at(5, { wants: 1 })];
      expect(policy.owes(claims, 0)).toBe(true);
    });

    it('from a busy pool that has more than its share, for one that has less', () => {
      const claims = [at(8, { wants: 5 }), at(2, { wants: 5 })];
      expect(policy.owes(claims, 0)).toBe(true);
      expect(policy.owes(claims, 1)).toBe(false);
    });

    it('from nobody when each has its share, also where that is no whole number', () => {
      const claims = [at(5, { wants: 5 }), at(5, { wants: 5 })];
      expect([0, 1].map((index) => policy.owes(claims, index))).toEqual([false, false]);
      const odd = [at(4, { wants: 5 }), at(3, { wants: 5 }), at(3, { wants: 5 })];
      expect([0, 1, 2].map((index) => policy.owes(odd, index))).toEqual([false, false, false]);
    });

    it('from a pool that has two more than another, even where the rest belongs to nobody in particular', () => {
      const eight = new BudgetPolicy(8);
      const uneven = [at(4, { wants: 5 }), at(2, { wants: 5 }), at(2, { wants: 5 })];
      expect(eight.owes(uneven, 0)).toBe(true);
      const even = [at(3, { wants: 5 }), at(3, { wants: 5 }), at(2, { wants: 5 })];
      expect([0, 1, 2].map((index) => eight.owes(even, index))).toEqual([false, false, false]);
    });

    it('from nobody for what is on its way already', () => {
      expect(policy.owes([at(7, { wants: 5 }), at(2, { wants: 1 })], 0)).toBe(false);
    });

    it('from nobody below its min', () => {
      const claims = [at(8, { wants: 5, min: 8 }), at(2, { wants: 5 }), at(0, { wants: 1 })];
      expect(policy.owes(claims, 0)).toBe(false);
      expect(policy.owes(claims, 1)).toBe(true);
    });

    it('from nobody when nobody wants it', () => {
      expect(policy.owes([at(5), at(5)], 0)).toBe(false);
    });

    it('from nobody whose share has the rest, which goes to who has most, wherever it stands', () => {
      const seven = new BudgetPolicy(7);
      const claims = [at(2, { wants: 5 }), at(2, { wants: 5 }), at(3, { wants: 5 })];
      expect(seven.owes(claims, 2)).toBe(false);
    });

    it('from nobody whose share has the rest, beside one that keeps more by its min', () => {
      const nine = new BudgetPolicy(9);
      const claims = [at(4, { min: 4 }), at(3, { wants: 5 }), at(2, { wants: 5 })];
      expect(nine.owes(claims, 1)).toBe(false);
    });

    it('from nobody for a pool that needs little and has it', () => {
      expect(policy.owes([at(9, { wants: 5 }), at(1)], 0)).toBe(false);
    });
  });

  it('counts for attainable what others do not use', () => {
    const policy = new BudgetPolicy(10);
    const claims = [at(2), at(3), at(4, { idle: 3, min: 2 })];
    expect([0, 1, 2].map((index) => policy.attainable(claims, index))).toEqual([5, 6, 5]);
  });

  it('leaves each of many busy pools at least one unit', () => {
    const policy = new BudgetPolicy(3);
    const claims = [at(2, { wants: 9 }), at(1, { wants: 9 }), at(0, { wants: 9 })];
    expect(policy.owes(claims, 0)).toBe(true);
    expect(policy.next([at(1, { wants: 9, since: 1 }), claims[1], claims[2]])).toBe(2);
  });
});
