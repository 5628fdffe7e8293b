import { describe, expect, it } from '@jest/globals';
import { Keyv } from 'keyv';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { Witness, witnessed } from '../time/witness.fixture.js';
import { CachedResources } from './cached-resources.js';
import { ResourceCache } from './resource-cache.js';

const never = (): Promise<never> => new Promise(() => undefined);
const nothing = (): undefined => undefined;

describe('what a cache calls', () => {
  it('runs in the context of no request: loads, refreshes, lives, tags, weights, listeners', async () => {
    const witness = new Witness();
    const clock = new VirtualClock();
    const weigh = (): number => {
      witness.see('weigh');
      return 1;
    };
    const cache = new ResourceCache({ max: 10, ttl: '1s', weigh }, { clock });
    cache.observe(({ kind }) => witness.see(`event: ${kind}`));
    const load = async ({ signal }: { signal: AbortSignal }): Promise<number> => {
      signal.addEventListener('abort', () => witness.see('an aborted load'));
      await witnessed(witness, 'load');
      return 1;
    };
    await witness.request(async () => {
      await cache.wrap('a', load, {
        ttl: () => (witness.see('ttl'), '1s'),
        tags: () => (witness.see('tags'), ['x']),
        staleWhileRevalidate: '1h',
      });
      await cache.put('b', 2);
      await clock.advance(2_000);
      const refresh = (): Promise<number> =>
        witnessed(witness, 'refresh').then(() => Promise.reject(new Error('no')));
      await cache.wrap('a', refresh, { staleWhileRevalidate: '1h' });
      await settle();
      const slow = ({ signal }: { signal: AbortSignal }): Promise<never> => {
        signal.addEventListener('abort', () => witness.see('an abandoned load'));
        return never();
      };
      const late = cache.wrap('c', slow, { timeout: 10 }).catch(nothing);
      await clock.advance(20);
      await late;
    });
    const expected = [
      'load',
      'load, later',
      'ttl',
      'tags',
      'weigh',
      'refresh, later',
      'event: refreshFailed',
    ];
    expect([...witness.seen]).toEqual(expect.arrayContaining([...expected, 'an abandoned load']));
    expect(witness.intruders).toEqual([]);
    await cache.close();
  });

  it('runs so when live resources are made, validated, evicted and destroyed', async () => {
    const witness = new Witness();
    const clients = new CachedResources(
      'tenantDb',
      {
        create: async () => {
          await witnessed(witness, 'create');
          return {};
        },
        validate: async () => {
          await witnessed(witness, 'validate');
          return false;
        },
        destroy: async () => {
          await witnessed(witness, 'destroy');
          throw new Error('it hangs on');
        },
      },
      { max: 1, validation: { aliveBypass: 0 } },
    );
    clients.observe(({ kind }) => witness.see(`event: ${kind}`));
    await witness.request(async () => {
      for (const key of ['acme', 'acme', 'globex']) await (await clients.lease(key)).release();
      await clients.close();
    });
    const expected = [
      'create',
      'create, later',
      'validate',
      'validate, later',
      'event: validationFailed',
      'destroy',
      'destroy, later',
      'event: destroyFailed',
    ];
    expect([...witness.seen]).toEqual(expect.arrayContaining(expected));
    expect(witness.intruders).toEqual([]);
  });

  it('runs so in secondary stores', async () => {
    const witness = new Witness();
    class Store extends Map<string, unknown> {
      override get(key: string): unknown {
        witness.see('get');
        return super.get(key);
      }
      override set(key: string, value: unknown): this {
        witness.see('set');
        return super.set(key, value);
      }
      override delete(key: string): boolean {
        witness.see('delete');
        return super.delete(key);
      }
      override clear(): void {
        witness.see('clear');
        super.clear();
      }
    }
    const cache = new ResourceCache({ max: 10, stores: [new Keyv({ store: new Store() })] });
    await witness.request(async () => {
      await cache.put('a', 1);
      await cache.get('b');
      await cache.delete('a');
      await cache.clear();
    });
    expect([...witness.seen].toSorted()).toEqual(['clear', 'delete', 'get', 'set']);
    expect(witness.intruders).toEqual([]);
    await cache.close();
  });
});

describe('what fails for several', () => {
  it('is in no error of another: each who waits gets one of his own', async () => {
    const clients = new CachedResources('tenantDb', { create: () => Promise.reject(new Error('refused')) });
    const owners = ['GET /orders', 'GET /users'];
    const asked = owners.map((owner) => clients.lease('acme', { owner }));
    const failures = (await Promise.allSettled(asked)) as PromiseRejectedResult[];
    expect(failures.map(({ reason }) => reason as object)).toMatchObject(
      owners.map((owner) => ({ name: 'ResourceCreationError', owner })),
    );
  });
});
