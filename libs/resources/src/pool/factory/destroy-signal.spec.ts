import { beforeEach, describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { type DestroyContext, KeyedResourcePool, ResourcePool, type ResourceFactory } from '../index.js';

describe('the signal of destroy', () => {
  let clock: VirtualClock;
  let signal: AbortSignal | undefined;
  let created: Deferred | undefined;
  const factory: ResourceFactory<object> = {
    create: async () => {
      await created?.promise;
      return {};
    },
    destroy(_, context: DestroyContext) {
      ({ signal } = context);
      return never();
    },
  };

  beforeEach(() => {
    clock = new VirtualClock();
    signal = created = undefined;
  });

  async function expectAbortedAfter(limit: number): Promise<void> {
    await settle();
    await clock.advance(limit - 10);
    expect(signal?.aborted).toBe(false);
    await clock.advance(20);
    expect(signal?.aborted).toBe(true);
  }

  it('is aborted after retirement.timeout', async () => {
    const pool = new ResourcePool(factory, { clock, retirement: { timeout: '2s' } });
    void (await pool.acquire()).invalidate();
    await expectAbortedAfter(2_000);
  });

  it('is given for the resource of a key, too', async () => {
    const pool = new KeyedResourcePool(factory, { clock, keyed: {} });
    void (await pool.acquire({ key: 'a' })).invalidate();
    await expectAbortedAfter(5_000);
  });

  it('is given for what came too late, too', async () => {
    created = new Deferred();
    const pool = new ResourcePool(factory, { clock });
    const asked = pool.acquire({ timeout: '1s' }).catch(() => undefined);
    await clock.advance(20_000);
    await asked;
    created.resolve();
    await expectAbortedAfter(5_000);
  });

  it('is aborted earlier when the pool closes, as all of it has no more time than one', async () => {
    const pool = new ResourcePool(factory, { clock, retirement: { timeout: '2s' } });
    const lease = await pool.acquire();
    void pool.close({ deadline: 0 });
    await settle();
    await clock.advance(1_000);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1_010);
    expect(signal?.aborted).toBe(true);
    expect(lease.ended).toBe(true);
  });
});
