import type { ResourceTypeName } from '../../coordinator/resource-types.js';
import { isGroup, OptionReader } from '../../options/option-reader.js';
import { type LeaseTerms, readTerms } from '../../scopes/lease-terms.js';
import { ScopedLeaseProxy } from '../../scopes/scoped-lease.js';
import { describeValue } from '../../words/describe-value.js';
import { checkTypeName } from './check-type-name.js';
import type { DeclaredLease } from './declared-lease.js';
import { injectLease, type ResourceInjector } from './inject-lease.js';
import { getLeaseToken } from './lease-token.js';

const TERMS: readonly (keyof LeaseTerms)[] = ['key', 'tenant', 'priority'];

/**
 * Injects the current request's lease of a resource type, as a {@link ScopedLease}.
 *
 * On a handler parameter the resource is acquired before the handler runs; on a constructor
 * parameter or a property of any singleton, on first use in each request. All positions share one
 * lease, which goes back when the request is over. The class stays a singleton.
 *
 * @param type a registered resource type; an unknown one fails the start of the application
 * @param terms for whom, where that matters; in a scope, those of the first borrower apply
 * @throws InvalidOptionsError if `type` is not a name, one of the terms is not a function, or it stands where it does nothing
 */
export function PooledResource(type: ResourceTypeName, terms?: LeaseTerms): ResourceInjector {
  checkTypeName(type, '@PooledResource', 'the name of a resource type', "'pg'");
  checkTerms(terms, type);
  return injectLease(pooledLease(type, terms));
}

/** A lease of a pool's resource, as {@link PooledResource} declares it. */
export function pooledLease(type: string, terms?: LeaseTerms): DeclaredLease {
  return {
    decorator: `@PooledResource('${type}')`,
    source: 'pool',
    type,
    key: terms?.key,
    token: getLeaseToken(type, terms),
    ask: (scope) => readTerms(terms, scope),
    scopedLease: (opener, scope) => new ScopedLeaseProxy(opener, type, terms, scope),
  };
}

function checkTerms(terms: LeaseTerms | undefined, type: string): void {
  const reader = new OptionReader('@PooledResource()', type);
  if (terms !== undefined && !isGroup(terms))
    reader.fail(
      '',
      `takes an object after the type, such as { key: tenantOf }; got ${describeValue(terms)}.`,
    );
  for (const [name, find] of Object.entries(reader.group('', terms, TERMS))) {
    if (find !== undefined && typeof find !== 'function')
      reader.fail(name, `must be a function; got ${describeValue(find)}.`);
  }
}
