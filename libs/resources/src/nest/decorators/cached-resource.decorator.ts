import { createParamDecorator, type ExecutionContext, Inject } from '@nestjs/common';
import type { ScopeOpener } from '../../scopes/scoped-lease.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { NoLeaseScopeError } from '../../errors/no-lease-scope-error.js';
import { format } from '../../time/duration.js';
import { scopeOfWork } from '../contexts/work-contexts.js';
import { describePlace, type ResourceInjector } from './pooled-resource.decorator.js';
import { CachedLeaseProxy, readKey } from '../caching/cached-lease-proxy.js';
import { getCachedLeaseToken, type ResourceKey } from './cached-lease-token.js';
import { declareCachedUsage } from './cached-resource-usage.js';
import { checkTypeName } from './check-type-name.js';

/** As the parameter of `@PooledResource`: a promise only when there is something to wait for. */
const LeaseParameter = createParamDecorator(
  ({ type, key }: { type: string; key: ResourceKey }, context: ExecutionContext) => {
    const scope = scopeOfWork(context);
    const place = `${context.getClass().name}.${context.getHandler().name}`;
    if (scope === undefined) throw NoLeaseScopeError.forType(type, place);
    scope.place = place; // not every Nest names its routes
    const asked = { key: readKey(type, key, context), source: 'cache' } as const;
    // A scope that a request runs in was made by a coordinator.
    const handle = new CachedLeaseProxy<unknown>(scope.host as ScopeOpener, type, key, scope, asked.key);
    if (scope.tryAcquire(type, asked)) return handle;
    return scope.acquire(type, { ...asked, signal: scope.abandoned }).then(() => handle);
  },
);

/**
 * Injects the current request's lease on a resource of a cached type, such as its tenant's database client, as a
 * `ScopedLease`. Requests with the same key share one resource; it is destroyed when it has left the cache and
 * the last of them is over.
 *
 * On a handler parameter the lease is there before the handler runs; on a constructor parameter or a property
 * of any singleton, it is taken on first use in each request. The class stays a singleton.
 *
 * @param type a registered cached resource type; an unknown one fails the start of the application
 * @param key a key, or a function that finds it in the request
 * @throws InvalidOptionsError when `type` is no name or `key` neither a key nor a function
 */
export function CachedResource(type: string, key: ResourceKey): ResourceInjector {
  checkTypeName(type, 'CachedResource', 'the name of a cached resource type', "'tenantDb', tenantOf");
  if (typeof key !== 'function' && (typeof key !== 'string' || key === '')) {
    throw new InvalidOptionsError(
      `@CachedResource('${type}')`,
      `needs a key, or a function that finds it in the request; got ${format(key)}.`,
      type,
    );
  }
  return (target, member, index) => {
    const owner = typeof target === 'function' ? target : target.constructor;
    declareCachedUsage(owner, { type, key, place: describePlace(owner.name, member, index) });
    const inject = Inject(getCachedLeaseToken(type, key));
    if (typeof index === 'number' && member !== undefined)
      LeaseParameter({ type, key })(target, member, index);
    else if (typeof index === 'number') inject(target, member, index);
    else if (member !== undefined) inject(target, member);
  };
}
