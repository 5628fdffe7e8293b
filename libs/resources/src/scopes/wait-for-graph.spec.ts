import { describe, expect, it } from '@jest/globals';
import { seeded } from '../pool/seeded.fixture.js';
import { circleOf, knotOf, type Party, stuckOf } from './wait-for-graph.js';

interface Named extends Party<string> {
  name: string;
}

/** `'x: a a > b'`: x holds two of a and waits for b. */
const party = (text: string): Named => {
  const [, name, holds, waitsFor] = /^(\w+): ?([\w ]*?) ?> (.*)$/.exec(text) ?? [];
  return { name, holds: holds.split(' ').filter((pool) => pool !== ''), waitsFor: waitsFor.split(' ') };
};

const parties = (...texts: string[]): Named[] => texts.map(party);

/** All pools are as large as what is held of them, but those that are given. */
const lentOut = (all: Named[], others: Record<string, number | undefined> = {}) => {
  const held = (pool: string): number => all.flatMap(({ holds }) => holds).filter((p) => p === pool).length;
  return (pool: string): number | undefined => (pool in others ? others[pool] : held(pool));
};

const names = (some: Iterable<Named>): string[] => [...some].map(({ name }) => name).toSorted();

describe('the parties that can never go on', () => {
  it('are two that wait for what the other holds', () => {
    const all = parties('x: a > b', 'y: b > a');
    expect(names(stuckOf(all, lentOut(all)))).toEqual(['x', 'y']);
  });

  it('are none where one in the chain can go on', () => {
    const all = parties('x: a > b', 'y: b > c', 'z: c > d');
    expect(names(stuckOf(all, lentOut(all, { d: 1 })))).toEqual([]);
  });

  it('are none where somebody else holds one, too', () => {
    const all = parties('x: a > b', 'y: b > a');
    expect(names(stuckOf(all, lentOut(all, { b: 2 })))).toEqual([]);
  });

  it('are none where a place is free', () => {
    const all = parties('x: a > b', 'y: b > a');
    expect(names(stuckOf(all, lentOut(all, { a: undefined })))).toEqual([]);
  });

  it('are all holders of a larger pool, if every one of them is stuck', () => {
    const all = parties('x: a > b', 'y: a > b', 'z: b b > a');
    expect(names(stuckOf(all, lentOut(all)))).toEqual(['x', 'y', 'z']);
    const two = parties('x: a > b', 'y: a > c', 'z: b > a');
    expect(names(stuckOf(two, lentOut(two, { c: undefined })))).toEqual([]);
  });

  it('are not those that wait for a second pool at the same time, which will come', () => {
    const all = parties('x: a > b c', 'y: b > a');
    expect(names(stuckOf(all, lentOut(all, { c: undefined })))).toEqual([]);
  });

  it('may be a single one that waits for what it holds', () => {
    const all = parties('x: a > a');
    expect(names(stuckOf(all, lentOut(all)))).toEqual(['x']);
  });

  it('are found as by letting everybody go on who can, whatever the graph', () => {
    for (let seed = 0; seed < 2_000; seed++) {
      const random = seeded(seed);
      const pools = ['a', 'b', 'c', 'd'].slice(0, 1 + random(4));
      const some = (least: number): string[] =>
        Array.from({ length: least + random(2) }, () => pools[random(pools.length)]);
      const all = Array.from({ length: 1 + random(5) }, (_, index) => {
        return { name: `p${index}`, holds: some(0), waitsFor: some(1) };
      });
      const out = lentOut(all);
      // Of a pool that nobody here holds, somebody else does.
      const strangers = Object.fromEntries(
        pools.map((pool) => [pool, out(pool) === 0 || random(4) === 0 ? 1 : 0]),
      );
      const stuck = stuckOf<Named, string>(all, (pool) => (out(pool) ?? 0) + strangers[pool]);
      expect([seed, names(stuck)]).toEqual([seed, names(bySimulation(all, strangers))]);
      if (stuck.size > 0) expectKnot(stuck);
    }
  });
});

describe('a knot', () => {
  it('leaves out those that only wait for it', () => {
    const all = parties('q: d > a', 'x: a > b', 'y: b > a');
    expect(names(knotOf(new Set(all)))).toEqual(['x', 'y']);
  });

  it('is the circle that waits for no other', () => {
    const all = parties('x: a > b d', 'y: b > a', 'u: c > d', 'v: d > c');
    expect(names(knotOf(new Set(all)))).toEqual(['u', 'v']);
  });

  it('is empty where nobody is stuck', () => {
    expect(knotOf(new Set<Named>()).size).toBe(0);
  });
});

describe('a circle', () => {
  const circle = (start: Named, all: Named[]): string[] =>
    circleOf<Named, string>(start, new Set(all)).map(({ party, waitsFor }) => `${party.name} > ${waitsFor}`);

  it('leads from one along who waits for whom back to it, on a shortest way', () => {
    const all = parties('x: a > b', 'y: b > c', 'z: c > a d', 'w: d > a');
    expect(circle(all[2], all)).toEqual(['z > a', 'x > b', 'y > c']);
    expect(circle(all[0], all)).toEqual(['x > b', 'y > c', 'z > a']);
  });

  it('is one alone that waits for what it holds', () => {
    const all = parties('x: a > a');
    expect(circle(all[0], all)).toEqual(['x > a']);
  });

  it('is none where there is no way back', () => {
    const all = parties('x: a > b', 'y: b > b');
    expect(circle(all[0], all)).toEqual([]);
  });
});

/** Everybody who waits for a pool of which a lease is not stuck ends, and gives back what it holds. */
function bySimulation(all: Named[], free: Record<string, number>): Named[] {
  const available = { ...free };
  const left = [...all];
  for (;;) {
    const index = left.findIndex(({ waitsFor }) => waitsFor.some((pool) => available[pool] > 0));
    if (index === -1) return left;
    for (const pool of left[index].holds) available[pool]++;
    left.splice(index, 1);
  }
}

function expectKnot(stuck: ReadonlySet<Named>): void {
  const knot = knotOf(stuck);
  expect(knot.size).toBeGreaterThan(0);
  for (const member of knot) {
    const circle = circleOf<Named, string>(member, knot);
    expect(circle[0]?.party).toBe(member);
    circle.forEach(({ waitsFor }, index) => {
      const next = circle[(index + 1) % circle.length];
      expect(next.party.holds).toContain(waitsFor);
    });
    for (const pool of member.waitsFor) {
      for (const holder of stuck) if (holder.holds.includes(pool)) expect(knot.has(holder)).toBe(true);
    }
  }
}
