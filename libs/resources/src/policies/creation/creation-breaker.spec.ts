import { describe, expect, it } from '@jest/globals';
import { CreationBreaker } from './creation-breaker.js';

const make = (): CreationBreaker => new CreationBreaker({ failures: 3, cooldown: 100, maxCooldown: 300 });

/** Fails as often as that, one try after the other. */
const fail = (breaker: CreationBreaker, times: number, now = 0): boolean[] =>
  Array.from({ length: times }, () => breaker.failed(breaker.begin(now), now));

const open = (now = 0): CreationBreaker => {
  const breaker = make();
  fail(breaker, 3, now);
  return breaker;
};

describe('CreationBreaker', () => {
  it('opens with so many failures in a row, and says so once', () => {
    const breaker = make();
    expect(fail(breaker, 2)).toEqual([false, false]);
    expect([breaker.state(0), breaker.permits(0), breaker.remaining(0)]).toEqual(['closed', true, 0]);
    expect(fail(breaker, 1)).toEqual([true]);
    expect([breaker.state(0), breaker.permits(0), breaker.remaining(0)]).toEqual(['open', false, 100]);
  });

  it('counts anew after a success', () => {
    const breaker = make();
    fail(breaker, 2);
    expect(breaker.succeeded()).toBe(false);
    expect(fail(breaker, 3)).toEqual([false, false, true]);
  });

  it('takes tries that failed side by side for one failure', () => {
    const breaker = make();
    const tries = Array.from({ length: 10 }, () => breaker.begin(0));
    expect(tries.map((begun) => breaker.failed(begun, 0))).not.toContain(true);
    expect(fail(breaker, 2)).toEqual([false, true]);
  });

  it('lets one probe through when the cooldown is over, and no second one until the longest cooldown is over, too', () => {
    const breaker = open(1_000);
    expect([1_099, 1_100].map((now) => breaker.permits(now))).toEqual([false, true]);
    expect(breaker.state(1_100)).toBe('half-open');
    breaker.begin(1_100);
    expect(breaker.state(1_100)).toBe('half-open');
    expect([1_100, 1_399, 1_400].map((now) => breaker.permits(now))).toEqual([false, false, true]);
    breaker.begin(1_400);
    expect([1_699, 1_700].map((now) => breaker.permits(now))).toEqual([false, true]);
  });

  it('lets a probe follow at once on one that took as long as the longest cooldown to fail', () => {
    const breaker = open();
    for (const [begins, fails, again] of [
      [100, 400, 400],
      [400, 500, 700],
      [700, 5_000, 5_000],
    ] as const) {
      expect(breaker.failed(breaker.begin(begins), fails)).toBe(true);
      expect(fails + breaker.remaining(fails)).toBe(again);
    }
  });

  it('learns from the first of two probes that fails, and nothing from the other', () => {
    const breaker = open();
    const probes = [breaker.begin(100), breaker.begin(400)];
    expect(probes.map((begun) => breaker.failed(begun, 450))).toEqual([true, false]);
    expect(breaker.remaining(450)).toBe(200);
  });

  it('lets another probe through at once when one told nothing', () => {
    const breaker = open();
    breaker.learntNothing(breaker.begin(100));
    expect(breaker.permits(101)).toBe(true);
  });

  it('stays open when a try that began before it opened tells nothing', () => {
    const breaker = make();
    const late = breaker.begin(0);
    fail(breaker, 3);
    breaker.learntNothing(late);
    expect([breaker.state(50), breaker.remaining(50)]).toEqual(['open', 50]);
  });

  it('doubles the cooldown with each probe that fails, up to the most', () => {
    const breaker = open();
    let now = 0;
    const cooldowns = [1, 2, 3].map(() => {
      now += breaker.remaining(now);
      expect(fail(breaker, 1, now)).toEqual([true]);
      return breaker.remaining(now);
    });
    expect(cooldowns).toEqual([200, 300, 300]);
  });

  it('closes with a probe that succeeds, and starts over with the shortest cooldown', () => {
    const breaker = open();
    fail(breaker, 1, 100);
    breaker.begin(300);
    expect(breaker.succeeded()).toBe(true);
    expect([breaker.state(500), breaker.permits(500)]).toEqual(['closed', true]);
    expect(fail(breaker, 3, 500)).toEqual([false, false, true]);
    expect(breaker.remaining(500)).toBe(100);
  });

  it('learns nothing from the failure of a try that began before it opened', () => {
    const breaker = make();
    const late = breaker.begin(0);
    fail(breaker, 3);
    expect(breaker.failed(late, 50)).toBe(false);
    expect(breaker.remaining(50)).toBe(50);
  });

  it('never opens with Infinity', () => {
    const breaker = new CreationBreaker({ failures: Infinity, cooldown: 100, maxCooldown: 300 });
    expect(fail(breaker, 1_000)).not.toContain(true);
  });

  it('closes when it is reset, and forgets what began before', () => {
    const breaker = open();
    breaker.reset();
    expect(breaker.permits(0)).toBe(true);
    fail(breaker, 2);
    const before = breaker.begin(0);
    breaker.reset();
    expect(breaker.failed(before, 0)).toBe(false);
    expect(fail(breaker, 2)).toEqual([false, false]);
  });

  it('takes over new limits, and closes when they never open it', () => {
    const breaker = open();
    breaker.reconfigure({ failures: 1, cooldown: 1_000, maxCooldown: 1_000 });
    expect(breaker.permits(0)).toBe(false);
    breaker.reconfigure({ failures: Infinity, cooldown: 1_000, maxCooldown: 1_000 });
    expect(breaker.permits(0)).toBe(true);
  });
});
