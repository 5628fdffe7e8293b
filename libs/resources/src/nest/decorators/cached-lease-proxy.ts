import type { LeaseSource, LoanOptions } from '../../scopes/borrow-options.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import { ScopedLeaseProxy, type ScopeOpener } from '../../scopes/scoped-lease.js';
import { NoLeaseScopeError } from '../../errors/no-lease-scope-error.js';
import { UndeclaredKeyError } from '../../errors/undeclared-key-error.js';
import { requestContextOf } from '../contexts/request-context.js';
import { readKey, type ResourceKey } from './resource-key.js';

/**
 * What `@CachedResource` injects. In a constructor or a property it serves all requests: each time it finds the current
 * request, and by that the key. A handler parameter's is made for its request, and has its scope and key.
 */
export class CachedLeaseProxy<T> extends ScopedLeaseProxy<T> {
  /** @param boundKey what `key` has found in the scope that it is bound to */
  constructor(
    opener: ScopeOpener,
    type: string,
    private readonly key: ResourceKey,
    bound?: LeaseScope,
    private readonly boundKey?: string,
  ) {
    super(opener, type, undefined, bound);
  }

  protected override askIn(scope: LeaseScope): LoanOptions {
    return { key: this.keyIn(scope), source: 'cache' };
  }

  protected override keyIn(scope: LeaseScope | undefined): string {
    const { key, type, loading, boundKey } = this;
    if (typeof key === 'string') return key;
    if (loading !== undefined) {
      const declared = loading.valueOf(key);
      if (declared === undefined) throw UndeclaredKeyError.forCached(type, loading.place);
      return declared;
    }
    if (boundKey !== undefined) return boundKey;
    const context = requestContextOf(scope);
    if (context === undefined) throw NoLeaseScopeError.forKey(type, scope?.owner);
    return readKey(type, key, context);
  }

  protected override get source(): LeaseSource {
    return 'cache';
  }

  protected override noScope(): NoLeaseScopeError {
    return typeof this.key === 'string' ? super.noScope() : NoLeaseScopeError.forKey(this.type);
  }

  protected override elsewhere(scope: LeaseScope | undefined): CachedLeaseProxy<T> {
    return new CachedLeaseProxy<T>(this.opener, this.type, this.keyIn(scope));
  }
}
