import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { CacheOptions } from '../cache-options.js';
import { ResourceCache } from '../resource-cache.js';
import { type Thing, Things } from '../resources.fixture.js';
import type { CacheLease } from './cache-lease.js';

type Abandonable = CacheLease<Thing> & { abandon(): Promise<void> };

function start(options: CacheOptions = {}) {
  const clock = new VirtualClock();
  const cache = new ResourceCache(options, { type: 'things', clock });
  const things = new Things();
  const lease = async (key: string): Promise<Abandonable> =>
    (await cache.lease(key, things.load, { destroy: things.destroy })) as Abandonable; // the only implementation
  return { clock, cache, things, lease };
}

type Started = ReturnType<typeof start>;

describe.each([
  ['deleted', ({ cache }: Started): Promise<unknown> => cache.delete('a')],
  ['cleared', ({ cache }: Started): Promise<unknown> => cache.clear()],
  ['replaced', ({ cache }: Started): Promise<unknown> => cache.put('a', 'a value')],
  ['expired', ({ clock }: Started): Promise<unknown> => clock.advance(60_000)],
  ['evicted', async ({ lease }: Started): Promise<unknown> => lease('b')],
] as const)('a cached resource that was abandoned and is %s', (cause, remove) => {
  it('is held for a while before it is destroyed', async () => {
    const started = start({ max: 2, maxWeight: 2, ttl: '1m', weigh: (_value, key) => (key === 'b' ? 2 : 1) });
    const { clock, things, lease } = started;
    const given = await lease('a');
    if (cause === 'expired') await clock.advance(59_500);
    await given.abandon();
    if (cause === 'expired') await clock.advance(600);
    else await remove(started);
    await clock.advance(300);
    expect(things.made[0].destroyed).toBe(0);
    await clock.advance(700);
    expect(things.made[0].destroyed).toBe(1);
  });
});

describe('a cached resource that was abandoned', () => {
  it('is held from then on when it had left the cache before', async () => {
    const { clock, cache, things, lease } = start({ abandonment: { wait: '2s' } });
    const [first, second] = [await lease('a'), await lease('a')];
    await cache.delete('a');
    await first.abandon();
    await clock.advance(1_500);
    await second.abandon();
    await clock.advance(1_500);
    expect(things.made[0].destroyed).toBe(0);
    await clock.advance(500);
    expect(things.made[0].destroyed).toBe(1);
  });

  it('is destroyed at once when that is long ago, or it waits for nothing', async () => {
    for (const wait of ['1s', 0]) {
      const { clock, cache, things, lease } = start({ abandonment: { wait } });
      await (await lease('a')).abandon();
      if (wait !== 0) await clock.advance(1_000);
      await cache.delete('a');
      await settle();
      expect(things.made[0].destroyed).toBe(1);
    }
  });

  it('keeps its place, for which the next waits', async () => {
    const { clock, cache, things, lease } = start({ max: 1 });
    await (await lease('a')).abandon();
    const next = lease('b');
    await clock.advance(900);
    expect([cache.stats.pending, things.made.length]).toEqual([1, 1]);
    await clock.advance(100);
    expect((await next).resource.key).toBe('b');
    expect(things.destroyed).toEqual([1]);
  });

  it('goes first when it came first and more than a fifth are held', async () => {
    const { cache, things, lease } = start({ max: 10 });
    for (const key of ['a', 'b', 'c']) {
      await (await lease(key)).abandon();
      await cache.delete(key);
    }
    await settle();
    expect(things.destroyed).toEqual([1]);
  });

  it('holds up the end of its cache until the deadline at most', async () => {
    for (const deadline of [0, 400, 5_000]) {
      const { clock, cache, things, lease } = start();
      await (await lease('a')).abandon();
      const closed = cache.close({ deadline });
      await clock.advance(Math.min(deadline, 1_000));
      expect(await closed).toMatchObject({ clean: true, duration: Math.min(deadline, 1_000) });
      expect(things.destroyed).toEqual([1]);
      expect(clock.running).toBe(0);
    }
  });
});
