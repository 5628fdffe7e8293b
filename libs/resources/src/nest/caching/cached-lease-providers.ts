import type { FactoryProvider } from '@nestjs/common';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { CachedLeaseProxy } from './cached-lease-proxy.js';
import { getCachedLeaseToken } from '../decorators/cached-lease-token.js';
import { cachedUsagesDeclared } from '../decorators/cached-resource-usage.js';

/** The scoped leases of all cached resources that decorators have asked for so far, one provider per token. */
export function cachedLeaseProviders(): FactoryProvider[] {
  const providers = new Map<string, FactoryProvider>();
  for (const { type, key } of cachedUsagesDeclared()) {
    const provide = getCachedLeaseToken(type, key);
    providers.set(provide, {
      provide,
      useFactory: (coordinator: ResourceCoordinator) => new CachedLeaseProxy(coordinator, type, key),
      inject: [ResourceCoordinator],
    });
  }
  return [...providers.values()];
}
