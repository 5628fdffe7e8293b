import { describe, expect, it } from '@jest/globals';
import type { Lease } from '../pool/leases/lease.js';
import type { ResourcePool } from '../pool/resource-pool.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { LeaseScope } from './lease-scope.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { ScopeRegistry } from './scope-registry.js';

const scope = (place: string) => new LeaseScope(new ResourceCoordinator(), 'run', place, undefined);

describe('ScopeRegistry', () => {
  it('counts the scopes that have begun and not ended', () => {
    const registry = new ScopeRegistry(new VirtualClock());
    const [first, second] = [scope('first'), scope('second')];
    registry.began(first);
    registry.began(second);
    expect(registry.size).toBe(2);
    registry.ended(first);
    expect(registry.size).toBe(1);
  });

  it('knows whose a lease is', async () => {
    const coordinator = new ResourceCoordinator({ resources: { session: { create: () => 'a session' } } });
    const pool = coordinator.pools.get('session') as ResourcePool<unknown>;
    const [first, second] = ['first', 'second'].map(
      (place) => new LeaseScope(coordinator, 'run', place, undefined),
    );
    second.enter();
    await second.acquire('session');
    const own = pool.leaseOf('a session') as Lease<unknown>;
    const registry = new ScopeRegistry(new VirtualClock());
    registry.began(first);
    registry.began(second);
    expect(registry.ownerOf(own)).toBe(second);
    expect(registry.ownerOf(await pool.acquire())).toBeUndefined();
  });

  it('tells all who wait when the last scope ends', async () => {
    const clock = new VirtualClock();
    const registry = new ScopeRegistry(clock);
    const only = scope('only');
    registry.began(only);
    const waiting = Promise.all([registry.over(100), registry.over(200)]);
    registry.ended(only);
    expect(await waiting).toEqual([true, true]);
    expect(clock.running).toBe(0);
  });

  it('waits for nothing when there is no time', async () => {
    const registry = new ScopeRegistry(new VirtualClock());
    registry.began(scope('only'));
    expect(await registry.over(0)).toBe(false);
  });
});
