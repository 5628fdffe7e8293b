import { describe, expect, it, jest } from '@jest/globals';
import { defineResource } from './define-resource.js';
import { ResourceCoordinator } from './resource-coordinator.js';

// What it infers, and what it refuses, test/library/types/ shows.
describe('defineResource()', () => {
  it('gives back the definition that it was given', () => {
    const definition = { create: () => 5 };
    expect(defineResource(definition)).toBe(definition);
  });

  it('makes pooled, keyed and cached definitions that a coordinator lends from', async () => {
    const destroy = jest.fn();
    const coordinator = new ResourceCoordinator({
      resources: {
        one: defineResource({ create: () => ({ of: 'all' }), destroy, reset: (resource) => resource.of }),
        keyed: defineResource({ create: ({ key }) => ({ of: key }), destroy, pool: { keyed: {} } }),
      },
      cachedResources: { cached: defineResource({ create: ({ key }) => ({ of: key }), destroy, cache: {} }) },
    });
    const leases = [
      await coordinator.acquire<{ of: string }>('one'),
      await coordinator.acquire<{ of: string }>('keyed', { key: 'acme' }),
      await coordinator.acquireCached<{ of: string }>('cached', 'acme'),
    ];
    expect(leases.map(({ resource }) => resource.of)).toEqual(['all', 'acme', 'acme']);
    for (const lease of leases) await lease.release();
    await coordinator.cleanup();
    expect(destroy).toHaveBeenCalledTimes(3);
  });
});
