import type { FactoryProvider } from '@nestjs/common';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import type { DeclaredLease } from '../decorators/declared-lease.js';

/** The factories of all such providers: in Nest's container they are what tells them from a test's. */
const factories = new WeakSet<object>();

/** Provides the scoped lease that serves all requests, for constructors and properties. */
export function leaseProvider(lease: DeclaredLease): FactoryProvider {
  const useFactory = (coordinator: ResourceCoordinator): unknown => lease.scopedLease(coordinator);
  factories.add(useFactory);
  return { provide: lease.token, useFactory, inject: [ResourceCoordinator] };
}

/** @param metatype what Nest makes the provider with */
export function isLeaseProvider(metatype: unknown): boolean {
  return typeof metatype === 'function' && factories.has(metatype);
}
