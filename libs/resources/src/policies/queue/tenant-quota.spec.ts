import { describe, expect, it } from '@jest/globals';
import { TenantQuota } from './tenant-quota.js';
import type { QueueEntry } from './queue-order.js';

interface Caller extends QueueEntry<Caller> {
  readonly name: string;
}

const caller = (name: string): Caller => ({
  name,
  tenant: name[0],
  priority: 0,
  queuedAt: 0,
  previous: undefined,
  next: undefined,
});

describe('TenantQuota', () => {
  it('gives each tenant so many units and no more', () => {
    const quota = new TenantQuota<Caller>(2);
    expect(['a', 'a', 'a', 'b'].map((tenant) => quota.take(tenant))).toEqual([true, true, false, true]);
  });

  it('gives a unit that comes back to the first who is parked', () => {
    const quota = new TenantQuota<Caller>(1);
    quota.take('a');
    for (const name of ['a1', 'a2']) quota.park(caller(name));
    expect(quota.parked).toBe(2);
    expect(quota.giveBack('a')?.name).toBe('a1');
    expect(quota.take('a')).toBe(false);
    expect(quota.giveBack('a')?.name).toBe('a2');
    expect(quota.giveBack('a')).toBeUndefined();
    expect([quota.parked, quota.take('a')]).toEqual([0, true]);
  });

  it('passes over who has left', () => {
    const quota = new TenantQuota<Caller>(1);
    quota.take('a');
    const [first, second] = [caller('a1'), caller('a2')];
    quota.park(first);
    quota.park(second);
    quota.unpark(first);
    expect([quota.parked, quota.giveBack('a')?.name]).toEqual([1, 'a2']);
  });

  it('lets nobody in while a tenant has more than its quota', () => {
    const quota = new TenantQuota<Caller>(1);
    quota.takeAnyway('a');
    quota.takeAnyway('a');
    quota.park(caller('a1'));
    expect(quota.giveBack('a')).toBeUndefined();
    expect(quota.giveBack('a')?.name).toBe('a1');
  });

  it('does not mind a unit that nobody has taken', () => {
    expect(new TenantQuota<Caller>(1).giveBack('a')).toBeUndefined();
  });

  it('visits all who are parked', () => {
    const quota = new TenantQuota<Caller>(1);
    for (const tenant of ['a', 'b']) quota.take(tenant);
    for (const name of ['a1', 'b1', 'a2']) quota.park(caller(name));
    const seen: string[] = [];
    quota.forEachParked(({ name }) => seen.push(name));
    expect(seen.toSorted()).toEqual(['a1', 'a2', 'b1']);
  });
});
