import { describe, expect, it } from '@jest/globals';
import { DeadlockError } from '../errors/deadlock-error.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { KeyedResourcePool } from '../pool/keyed/keyed-resource-pool.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import type { LeaseContext } from '../scopes/lease-terms.js';
import { ResourceCoordinator } from './resource-coordinator.js';
import { ScopedLeaseProxy } from '../scopes/scoped-lease.js';

const withTenants = (pool: PoolOptions = { max: 1 }) => {
  const clock = new VirtualClock();
  const coordinator = new ResourceCoordinator({
    clock,
    resources: {
      tenant: { create: ({ key }) => ({ key }), pool: { keyed: { maxKeys: 3 }, ...pool } },
      session: { create: () => 'a session', pool: { max: 1 } },
    },
  });
  return { clock, coordinator };
};

interface Tenant {
  key: string;
}

describe('a keyed type', () => {
  it('is borrowed by key in every way', async () => {
    const { coordinator } = withTenants();
    await coordinator.use<Tenant, void>('tenant', ({ key }) => expect(key).toBe('acme'), { key: 'acme' });
    await settle();
    const lease = coordinator.tryAcquire<Tenant>('tenant', { key: 'acme' });
    expect(lease?.resource.key).toBe('acme');
    const [other] = await coordinator.acquireAll(['tenant'], { key: 'globex' });
    expect(other.resource).toEqual({ key: 'globex' });
    expect(coordinator.leases()).toMatchObject([{ id: 'tenant[acme]#2', key: 'acme' }, { key: 'globex' }]);
    expect(coordinator.stats().pools['tenant']).toMatchObject({ leased: 2, acquired: 3, max: 3 });
    await coordinator.release(other.resource);
    expect(other.ended).toBe(true);
    await lease?.release();
  });

  it('has one resource of each key in a scope', async () => {
    const { coordinator } = withTenants();
    const keys = ['acme', 'globex'];
    const handle = new ScopedLeaseProxy<Tenant>(coordinator, 'tenant', {
      key: ({ owner }) => keys[owner.length % 2],
    });
    await coordinator.run(
      async () => {
        const acme = await handle.acquire();
        expect(acme.key).toBe('acme');
        expect(handle.resource).toBe(acme);
        expect(await handle.use((tenant) => tenant === acme)).toBe(true);
        const leases = await Promise.all(keys.map((key) => coordinator.acquire<Tenant>('tenant', { key })));
        expect(leases.map(({ resource }) => resource.key)).toEqual(keys);
        expect(leases[0].resource).toBe(acme);
        await leases[0].release();
        await handle.release();
        expect(coordinator.leases()).toMatchObject([{ key: 'globex' }]);
      },
      { owner: 'acme' },
    );
    expect(coordinator.leases()).toEqual([]);
  });

  it('is told the scope when it looks for the key', async () => {
    const { coordinator } = withTenants();
    const contexts: LeaseContext[] = [];
    const handle = new ScopedLeaseProxy<Tenant>(coordinator, 'tenant', {
      key: (context) => {
        contexts.push(context);
        return 'acme';
      },
    });
    await coordinator.run(() => handle.acquire(), { owner: 'nightly' });
    await handle.use(() => undefined);
    expect(contexts).toEqual([
      { kind: 'run', owner: 'nightly (run)', request: undefined },
      { kind: 'use', owner: 'tenant (use)', request: undefined },
    ]);
  });

  it('is refused without a key, and one without keys is with one', async () => {
    const { coordinator } = withTenants();
    const failure = await failureOf(coordinator.acquire('tenant'));
    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(failure).toMatchObject({ option: 'key', type: 'tenant' });
    expect(() => coordinator.tryAcquire('tenant')).toThrow('because "tenant" has a pool for each key');
    const other = await failureOf(coordinator.acquire('session', { key: 'acme' }));
    expect(other).toBeInstanceOf(InvalidOptionsError);
    expect(other).toMatchObject({ option: 'key', type: 'session' });
    expect(() => coordinator.tryAcquire('session', { key: 'acme' })).toThrow('which has one pool for all');
  });

  it('is reconfigured, and drained and closed with the others', async () => {
    const { coordinator, clock } = withTenants();
    const pool = coordinator.pools.get('tenant') as KeyedResourcePool<Tenant>;
    expect(pool).toBeInstanceOf(KeyedResourcePool);
    void coordinator.reconfigure('tenant', { max: 2 });
    expect(coordinator.policies.get('tenant')).toMatchObject({ max: 2 });
    await expect(coordinator.reconfigure('session', { keyed: {} })).rejects.toThrow('"keyed"');
    await coordinator.warmUp();
    await coordinator.acquire('tenant', { key: 'acme', owner: 'endless' });
    const report = coordinator.cleanup({ deadline: 100 });
    await clock.advance(200);
    expect(await report).toMatchObject({ clean: false, held: [{ key: 'acme', owner: 'endless' }] });
    expect(await failureOf(coordinator.acquire('tenant', { key: 'acme' }))).toBeInstanceOf(PoolClosedError);
  });

  it('tells its events with the key', async () => {
    const { coordinator } = withTenants();
    const keys: unknown[] = [];
    coordinator.events$.subscribe((event) => keys.push([event.kind, 'key' in event ? event.key : undefined]));
    await coordinator.use('tenant', () => undefined, { key: 'acme' });
    expect(keys).toContainEqual(['acquired', 'acme']);
  });

  it('can be in a deadlock, whose circle names the keys', async () => {
    const { clock, coordinator } = withTenants({ max: 1, acquireTimeout: '1h' });
    const take = (...keys: string[]) =>
      coordinator.run(async () => {
        for (const key of keys) {
          await coordinator.acquire('tenant', { key });
          await settle();
        }
      });
    const first = take('acme', 'globex');
    const second = failureOf(take('globex', 'acme'));
    for (let turn = 0; turn < 10; turn++) await settle();
    await clock.advance(2_000);
    expect(await second).toBeInstanceOf(DeadlockError);
    expect(await second).toMatchObject({
      circle: [
        { holds: ['tenant[globex]'], waitsFor: 'tenant[acme]' },
        { holds: ['tenant[acme]'], waitsFor: 'tenant[globex]' },
      ],
    });
    await first;
  });
});
