import { describe, expect, it } from '@jest/globals';
import { ResourceCache } from './resource-cache.js';
import { type Thing, Things } from './resources.fixture.js';

/** Numbers from 0 up to 1, the same ones every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('20 users over 5 keys with room for 2', () => {
  it.each(['adaptive', 'lru'] as const)(
    'never see a destroyed resource in a hundred thousand uses, and each is destroyed once (%s)',
    async (eviction) => {
      const cache = new ResourceCache({ max: 2, eviction, lease: { timeout: '1m' } });
      const things = new Things();
      const random = numbers(17);
      let uses = 0;
      let bad = 0;
      let most = 0;
      const user = async (): Promise<void> => {
        while (uses < 100_000) {
          uses++;
          const key = `tenant ${Math.floor(random() * 5)}`;
          const lease = await cache.lease<Thing>(key, things.load, { destroy: things.destroy });
          most = Math.max(most, things.alive);
          if (lease.resource.destroyed > 0 || lease.resource.key !== key) bad++;
          const wait = random();
          if (wait < 0.02) await later();
          else if (wait < 0.5) await Promise.resolve();
          if (lease.resource.destroyed > 0) bad++;
          if (wait > 0.999) await cache.delete(key);
          if (wait > 0.998 && wait < 0.999) await lease.invalidate();
          await lease.release();
        }
      };
      await Promise.all(Array.from({ length: 20 }, user));
      expect(bad).toBe(0);
      expect(most).toBeLessThanOrEqual(2);
      expect(cache.stats.inUse).toBe(0);
      expect((await cache.close()).clean).toBe(true);
      expect(new Set(things.made.map(({ destroyed }) => destroyed))).toEqual(new Set([1]));
      expect(things.made.length).toBeGreaterThan(100);
    },
  );
});
