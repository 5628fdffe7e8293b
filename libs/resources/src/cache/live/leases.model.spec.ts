import { describe, it } from '@jest/globals';
import * as fc from 'fast-check';
import { LeaseModelRun, operations } from './lease-model.fixture.js';

describe('leases, by random operations on a virtual clock', () => {
  it('never break what they promise', async () => {
    const property = fc.asyncProperty(
      fc.record({
        max: fc.integer({ min: 1, max: 4 }),
        ttl: fc.constantFrom(Infinity, 50, 500),
        eviction: fc.constantFrom('adaptive' as const, 'lru' as const, 's3-fifo' as const, 'sieve' as const),
      }),
      fc.constantFrom(0, 50, 500, Infinity),
      fc.array(operations(), { maxLength: 60 }),
      async (options, aliveBypass, steps) => {
        const run = new LeaseModelRun(options, aliveBypass);
        for (const step of steps) await run.do(step);
        await run.finish();
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});
