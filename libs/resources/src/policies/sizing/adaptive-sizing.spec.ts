import { describe, expect, it } from '@jest/globals';
import { AdaptiveSizing, type LoadSample } from './adaptive-sizing.js';
import { saturatingAt, SimulatedLoad, thrashingAbove } from '../queue/service-curve.fixture.js';

/** Random numbers from 0 to 1 that a seed repeats (a linear congruential generator). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

const busy: LoadSample = { elapsed: 1_000, loans: 400, held: 4_000, used: 10_000, crowded: 200 };

describe('AdaptiveSizing', () => {
  describe.each([2, 4, 8, 20, 50])('before a server that works on %d requests at a time', (places) => {
    const enough = Math.ceil(places * 1.25) + 1;

    it('finds a size that uses it fully and no more, and stays there', () => {
      const load = new SimulatedLoad(new AdaptiveSizing(1, 100), saturatingAt(places));
      const settled = load.run(60).slice(20);
      expect(new Set(settled).size).toBe(1);
      expect(load.size).toBeGreaterThanOrEqual(places);
      expect(load.size).toBeLessThanOrEqual(enough);
    });

    it('comes down to it from above', () => {
      const load = new SimulatedLoad(new AdaptiveSizing(1, 100), saturatingAt(places));
      load.run(10);
      load.size = 100;
      load.run(20);
      expect(load.size).toBeGreaterThanOrEqual(places);
      expect(load.size).toBeLessThanOrEqual(enough);
    });

    it('keeps out of the range in which each request slows down the others', () => {
      const load = new SimulatedLoad(new AdaptiveSizing(1, 100), thrashingAbove(places));
      load.run(60);
      expect(load.size).toBeGreaterThanOrEqual(places);
      expect(load.size).toBeLessThanOrEqual(enough);
    });

    it('stays near it although loans are of all lengths', () => {
      const load = new SimulatedLoad(
        new AdaptiveSizing(1, 100),
        saturatingAt(places),
        Infinity,
        seeded(places),
      );
      const sizes = load.run(300).slice(100);
      const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
      expect(mean).toBeGreaterThan(places * 0.9);
      expect(mean).toBeLessThan(places * 1.5 + 1);
    });
  });

  it('takes what it may where more resources always bring more', () => {
    const load = new SimulatedLoad(new AdaptiveSizing(2, 40), () => 10);
    load.run(30);
    expect(load.size).toBe(40);
  });

  it('does not grow while nobody waits', () => {
    const load = new SimulatedLoad(new AdaptiveSizing(4, 40), saturatingAt(20), 4);
    expect(new Set(load.run(20))).toEqual(new Set([4]));
  });

  it('shrinks step by step when the demand has fallen, to twice the demand and never below the least', () => {
    const load = new SimulatedLoad(new AdaptiveSizing(3, 40), saturatingAt(30));
    load.run(30);
    load.demand = 5;
    const [first = 0, second = 0] = load.run(2);
    expect(first - second).toBe(1);
    load.run(60);
    expect(load.size).toBe(10);
    load.demand = 0;
    load.run(60);
    expect(load.size).toBe(3);
  });

  it('does not give up throughput when the work itself has become slower', () => {
    const load = new SimulatedLoad(new AdaptiveSizing(1, 100), saturatingAt(20));
    load.run(40);
    load.curve = (leased) => 3 * saturatingAt(20)(leased);
    load.run(40);
    expect(load.size).toBeGreaterThanOrEqual(20);
    expect(load.size).toBeLessThanOrEqual(26);
  });

  it('follows a server that has become smaller', () => {
    const load = new SimulatedLoad(new AdaptiveSizing(1, 100), saturatingAt(40));
    load.run(40);
    load.curve = saturatingAt(10);
    load.run(60);
    expect(load.size).toBeLessThanOrEqual(14);
    expect(load.throughput).toBeCloseTo(1_000);
  });

  it('decides nothing from a few loans', () => {
    const policy = new AdaptiveSizing(1, 100);
    expect(policy.next(4, { ...busy, loans: 19, held: 190 })).toBe(4);
    expect(policy.next(10, { ...busy, loans: 39, held: 390 })).toBe(10);
    expect(policy.next(10, { ...busy, loans: 40, held: 400 })).toBeGreaterThan(10);
  });

  it('keeps resources for which nobody waits while more than half of the rest would be in use', () => {
    const policy = new AdaptiveSizing(1, 100);
    const sized = (used: number): number => policy.next(10, { ...busy, loans: 5, crowded: 0, used });
    expect([sized(9_000), sized(4_501), sized(4_500)]).toEqual([10, 10, 9]);
  });

  it('does not grow where less than half of it is in use, however many had to wait', () => {
    const policy = new AdaptiveSizing(1, 100);
    expect(policy.next(10, { ...busy, used: 4_999 })).toBe(10);
    expect(policy.next(10, { ...busy, used: 5_000 })).toBe(14);
  });

  it('shrinks where little of it is in use, although somebody had to wait', () => {
    const policy = new AdaptiveSizing(1, 100);
    expect(policy.next(10, { ...busy, used: 1_000, crowded: 40 })).toBe(9);
    expect(policy.next(10, { ...busy, used: 1_000, crowded: 41 })).toBe(10);
  });

  it('measures on until there are loans enough only where it may have to grow', () => {
    const policy = new AdaptiveSizing(1, 100);
    const few = { ...busy, loans: 9, crowded: 9 };
    expect(policy.isEnough(few, 10)).toBe(false);
    for (const change of [{ loans: 40 }, { crowded: 1 }, { used: 4_999 }, { room: 0 }])
      expect(policy.isEnough({ ...few, ...change }, 10)).toBe(true);
  });

  it.each([
    ['what was of use, and a tenth', 15, 15],
    ['a half at the least', 40, 10],
  ])('shrinks to %s', (_, service, size) => {
    const policy = new AdaptiveSizing(1, 100);
    const full = { ...busy, elapsed: 1_000, used: 20_000, held: 20_000 };
    policy.next(20, { ...full, loans: 2_000 }); // each took 10 ms
    expect(policy.next(20, { ...full, loans: 20_000 / service })).toBe(size);
  });

  it('decides nothing when nothing has come back, however many wait', () => {
    const policy = new AdaptiveSizing(1, 100);
    expect(policy.next(4, { ...busy, loans: 0, held: 0 })).toBe(4);
  });

  it('keeps a size within its bounds', () => {
    const policy = new AdaptiveSizing(4, 6);
    expect(policy.next(6, busy)).toBe(6);
    expect(policy.next(3, { ...busy, used: 0, crowded: 0, held: 0, loans: 0 })).toBe(4);
  });
});

describe('AdaptiveSizing of what runs on something that can be measured', () => {
  const all: LoadSample = { ...busy, loans: 0, held: 0, used: 4_000, crowded: 1 };
  const next = (sample: Partial<LoadSample>, size = 4): number =>
    new AdaptiveSizing(1, 100).next(size, { ...all, ...sample });

  it('grows by no more than there is room for, whole ones only', () => {
    expect([0, 0.9, 1, 1.9, 2, 60].map((room) => next({ room }))).toEqual([4, 4, 5, 5, 6, 6]);
  });

  it('does so before anything has come back, and however long it takes', () => {
    expect(next({ room: 8, loans: 0 })).toBe(6);
    expect(next({ room: 8, loans: 400, held: 4_000_000, crowded: 400 })).toBe(6);
  });

  it('does not where nobody waits, or half of it stands idle', () => {
    expect([next({ room: 8, crowded: 0 }), next({ room: 8, used: 1_999 })]).toEqual([4, 4]);
  });

  it('gives back what is too much, whoever waits', () => {
    expect([-0.9, -1, -3.5, -9].map((room) => next({ room, used: 8_000 }, 8))).toEqual([8, 7, 5, 1]);
  });

  it('shrinks when little of it is in use', () => {
    expect(next({ room: 8, used: 1_000, crowded: 0 })).toBe(3);
  });

  it('does not take loans of all lengths for a lack of room', () => {
    const policy = new AdaptiveSizing(1, 100);
    const sizes = [1, 500, 1, 900].map((service) =>
      policy.next(30, { ...all, room: 0, used: 30_000, loans: 400, held: 400 * service }),
    );
    expect(sizes).toEqual([30, 30, 30, 30]);
  });
});
