import { describe, expect, it } from '@jest/globals';
import { ResourceCache } from '../resource-cache.js';

describe('the stack of a lease on a cached resource', () => {
  async function captured(stack: 'off' | 'sampled' | 'always'): Promise<number> {
    const cache = new ResourceCache({ leaks: { stack } });
    for (let i = 0; i < 100; i++) await cache.lease('key', () => ({}));
    for (let i = 0; i < 100; i++) cache.tryLease('key');
    const leases = cache.leases().filter((lease) => lease.stack?.includes('lease-stacks.spec.ts'));
    await cache.close();
    return leases.length;
  }

  it.each([
    ['off', 0],
    ['sampled', 2],
    ['always', 200],
  ] as const)('is captured %s: for %d of 200 leases', async (stack, count) => {
    expect(await captured(stack)).toBe(count);
  });

  it("is that of the caller, also when it waited for another's load", async () => {
    const cache = new ResourceCache({ leaks: { stack: 'always' } });
    const load = async (): Promise<object> => await Promise.resolve({});
    const first = cache.lease('key', load, { owner: 'first' });
    const ask = async function second() {
      return await cache.lease('key', load, { owner: 'second' });
    };
    await Promise.all([first, ask()]);
    const stacks = cache.leases().map(({ stack = '' }) => stack);
    expect(stacks).toEqual(Array(2).fill(expect.stringContaining('lease-stacks.spec.ts')));
    expect(new Set(stacks).size).toBe(2);
    await cache.close();
  });
});
