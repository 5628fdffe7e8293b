import { describe, expect, it } from '@jest/globals';
import type { VirtualClock } from '../time/virtual-clock.fixture.js';
import { abandonLease } from './leases/collected-leases.js';
import type { AbandonmentOptions } from './leases/abandonment-options.js';
import { PoolBench } from './pool-bench.fixture.js';

const SECOND = 1_000;
const DURATION = 20 * SECOND;
const HONEST = 100;
/** How long an honest caller works, and how long it takes before one hangs up. Milliseconds. */
const WORK = 20;
const CREATION = 50;

const later = (clock: VirtualClock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimeout(resolve, ms));

/**
 * Honest callers and callers that hang up, whose work goes on unseen, on a pool of ten.
 *
 * @param hangUps per second
 * @returns the share of the honest ones that were served within a second, in per cent
 */
async function honestSuccess(hangUps: number, abandonment: AbandonmentOptions): Promise<number> {
  const bench = new PoolBench({ max: 10, acquireTimeout: '1s', abandonment });
  const { clock, pool, factory } = bench;
  factory.creating = () => later(clock, CREATION);
  let asked = 0;
  let served = 0;
  const honest = async (): Promise<void> => {
    asked++;
    await pool.use(() => later(clock, WORK));
    served++;
  };
  const hangUp = async (): Promise<void> => {
    const lease = await pool.acquire();
    await later(clock, WORK);
    abandonLease(lease);
  };
  const every = (ms: number, work: () => Promise<void>): void => {
    for (let at = ms; at <= DURATION; at += ms) {
      clock.setTimeout(() => void work().catch(() => undefined), at);
    }
  };
  every(SECOND / HONEST, honest);
  every(SECOND / hangUps, hangUp);
  await clock.advance(DURATION + 2 * SECOND);
  return Math.round((100 * served) / asked);
}

describe('a pool of ten, asked by 100 honest callers a second', () => {
  it.each([5, 20])(
    'serves all of them while %d a second hang up on work that nobody sees',
    async (hangUps) => {
      expect(await honestSuccess(hangUps, { wait: '5s', max: 0.2 })).toBe(100);
    },
  );

  it('does so because few are held: without that bound, most are refused', async () => {
    expect(await honestSuccess(20, { wait: '5s', max: 1 })).toBeLessThan(75);
  });
});
