import { decoratedMethodsOf, placeOfMethod } from '../decorators/cached-method.js';
import { factoriesOf, placeOfFactory } from '../decorators/declared-factory.js';
import { describeUsage, usagesOf } from '../decorators/resource-usage.js';
import type { OfCopy } from './this-copy.js';

/** Something that a decorator of this package, of whatever copy, says about a class. */
export interface Declaration extends OfCopy {
  /** Such as `@PooledResource('pg') of OrdersService (constructor parameter 0)`. */
  readonly option: string;
  readonly type: string | undefined;
}

/** The places of a class that ask for a resource. */
export function usageDeclarations(owner: object): Declaration[] {
  return usagesOf(owner).map((usage) => ({
    option: describeUsage(usage),
    type: usage.lease.type,
    copy: usage.copy,
  }));
}

/** The cached and evicting methods of a class. */
export function methodDeclarations(owner: object): Declaration[] {
  return decoratedMethodsOf(owner).map((decorated) => ({
    option: `@${decorated.cached === undefined ? 'Evicts' : 'Cached'}() of ${placeOfMethod(owner, decorated)}`,
    type: undefined,
    copy: decorated.copy,
  }));
}

/** What is looked for in a class when the application starts, and never again. */
export function startDeclarations(owner: object): Declaration[] {
  const factories = factoriesOf(owner).map((declared) => ({
    option: placeOfFactory(declared, owner),
    type: declared.type,
    copy: declared.copy,
  }));
  return [...methodDeclarations(owner), ...factories];
}
