import type { ResourceTypeName } from '../../coordinator/resource-types.js';
import { CachedLeaseProxy } from './cached-lease-proxy.js';
import { checkTypeName } from './check-type-name.js';
import type { DeclaredLease } from './declared-lease.js';
import { injectLease, type ResourceInjector } from './inject-lease.js';
import { getCachedLeaseToken } from './lease-token.js';
import { checkResourceKey, readKey, type ResourceKey } from './resource-key.js';

/**
 * Injects the current request's lease on a resource of a cached type, such as its tenant's database client, as a
 * `ScopedLease`. Requests with the same key share one resource; it is destroyed when it has left the cache and
 * the last of those requests is over.
 *
 * On a handler parameter the lease is there before the handler runs; on a constructor parameter or a property
 * of any singleton, it is taken on first use in each request. The class stays a singleton.
 *
 * @param type a registered cached resource type; an unknown one fails the start of the application
 * @param key a key, or a function that finds it in the request
 * @throws InvalidOptionsError if `type` is not a name, `key` is neither a key nor a function, or it stands where it does nothing
 */
export function CachedResource(type: ResourceTypeName, key: ResourceKey): ResourceInjector {
  checkTypeName(type, '@CachedResource', 'the name of a cached resource type', "'tenantDb', tenantOf");
  checkResourceKey(key, '@CachedResource', type);
  return injectLease(cachedLease(type, key));
}

/** A lease on a cached resource, as {@link CachedResource} declares it. */
function cachedLease(type: string, key: ResourceKey): DeclaredLease {
  return {
    decorator: `@CachedResource('${type}')`,
    source: 'cache',
    type,
    key,
    token: getCachedLeaseToken(type, key),
    ask: (_scope, context) => ({ key: readKey(type, key, context), source: 'cache' }),
    scopedLease: (opener, scope, found) => new CachedLeaseProxy(opener, type, key, scope, found),
  };
}
