import { describe, expect, it } from '@jest/globals';
import type { Lease } from '../pool/lease.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { LeaseScope } from './lease-scope.js';
import { ResourceCoordinator } from './resource-coordinator.js';
import { ScopeRegistry } from './scope-registry.js';

const scope = (place: string) => new LeaseScope(new ResourceCoordinator(), 'run', place, undefined);
const lease = () => ({ ended: false }) as Lease<unknown>;

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

  it('knows whose a lease is', () => {
    const registry = new ScopeRegistry(new VirtualClock());
    const [first, second] = [scope('first'), scope('second')];
    const [own, strange] = [lease(), lease()];
    registry.began(first);
    registry.began(second);
    second.adopt(own);
    expect(registry.ownerOf(own)).toBe(second);
    expect(registry.ownerOf(strange)).toBeUndefined();
  });

  it('knows in which scope a lease is used, even after that scope, until the use ends', () => {
    const registry = new ScopeRegistry(new VirtualClock());
    const [user, used] = [scope('user'), lease()];
    registry.useBegan(used, user);
    expect(registry.ownerOf(used)).toBe(user);
    registry.useEnded(used);
    expect(registry.ownerOf(used)).toBeUndefined();
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
