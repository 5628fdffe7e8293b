import { describe, expect, it } from '@jest/globals';
import { innerOf, isLease } from './collected-leases.js';
import { PoolBench } from '../pool-bench.fixture.js';

describe('a lease that may be collected', () => {
  it.each([false, true])('is known as one (collected: %s), and nothing else is', async (collected) => {
    const bench = new PoolBench({ leaks: { reclaimCollected: collected } });
    const [lease, other] = await bench.borrow(2);
    expect(isLease(lease)).toBe(true);
    expect([lease?.resource, {}, null, 'lease'].map(isLease)).toEqual([false, false, false, false]);
    const [inner] = [bench.pool.leaseOf(lease?.resource)];
    expect(lease === undefined ? undefined : innerOf(lease)).toBe(inner);
    expect(lease === inner).toBe(!collected);
    expect(other === undefined ? undefined : innerOf(other)).not.toBe(inner);
  });
});
