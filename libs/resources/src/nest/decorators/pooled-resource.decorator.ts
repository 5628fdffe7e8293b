import { createParamDecorator, type ExecutionContext, Inject } from '@nestjs/common';
import { type LeaseTerms, readTerms } from '../../scopes/lease-terms.js';
import { ScopedLeaseProxy, type ScopeOpener } from '../../scopes/scoped-lease.js';
import { NoLeaseScopeError } from '../../errors/no-lease-scope-error.js';
import { OptionReader } from '../../options/option-reader.js';
import { format } from '../../time/duration.js';
import { scopeOfWork } from '../contexts/work-contexts.js';
import { getLeaseToken } from './lease-token.js';
import { declareUsage } from './resource-usage.js';
import { checkTypeName } from './check-type-name.js';

const TERMS: readonly (keyof LeaseTerms)[] = ['key', 'tenant', 'priority'];

interface LeaseRequest {
  readonly type: string;
  readonly terms: LeaseTerms | undefined;
}

/** Fits all three positions: constructor parameter, property, handler parameter. */
export type ResourceInjector = (
  target: object,
  member: string | symbol | undefined,
  index?: number | PropertyDescriptor,
) => void;

/**
 * Nest awaits a promise that the factory of a parameter returns, and its rejection goes to the exception
 * filters; a value costs nothing. Nobody waits in the queue for a client that hung up before its handler ran.
 */
const LeaseParameter = createParamDecorator(({ type, terms }: LeaseRequest, context: ExecutionContext) => {
  const scope = scopeOfWork(context);
  const place = `${context.getClass().name}.${context.getHandler().name}`;
  if (scope === undefined) throw NoLeaseScopeError.forType(type, place);
  scope.place = place; // not every Nest names its routes
  // A scope that a request runs in was made by a coordinator.
  const handle = new ScopedLeaseProxy<unknown>(scope.host as ScopeOpener, type, terms, scope);
  const asked = readTerms(terms, scope);
  if (scope.tryAcquire(type, asked)) return handle;
  return scope.acquire(type, { ...asked, signal: scope.abandoned }).then(() => handle);
});

/**
 * Injects the current request's lease of a resource type, as a {@link ScopedLease}.
 *
 * On a handler parameter the resource is acquired before the handler runs; on a constructor
 * parameter or a property of any singleton, on first use in each request. All positions share one
 * lease, which goes back when the request is over. The class stays a singleton.
 *
 * @param type a registered resource type; an unknown one fails the start of the application
 * @param terms for whom, where that matters; the first in a scope who borrows decides
 * @throws InvalidOptionsError when `type` is no name, or one of the terms no function
 */
export function PooledResource(type: string, terms?: LeaseTerms): ResourceInjector {
  checkTypeName(type, 'PooledResource', 'the name of a resource type', "'pg'");
  checkTerms(terms, type);
  return (target, member, index) => {
    const owner = typeof target === 'function' ? target : target.constructor;
    declareUsage(owner, { type, terms, place: describePlace(owner.name, member, index) });
    const inject = Inject(getLeaseToken(type, terms));
    if (typeof index === 'number' && member !== undefined)
      LeaseParameter({ type, terms })(target, member, index);
    else if (typeof index === 'number') inject(target, member, index);
    else if (member !== undefined) inject(target, member);
  };
}

/** Where a decorator stands, for messages. */
export function describePlace(owner: string, member: string | symbol | undefined, index: unknown): string {
  if (member === undefined) return `${owner} (constructor parameter ${String(index)})`;
  return typeof index === 'number'
    ? `${owner}.${String(member)} (parameter ${index})`
    : `${owner}.${String(member)} (property)`;
}

function checkTerms(terms: LeaseTerms | undefined, type: string): void {
  const reader = new OptionReader('@PooledResource()', type);
  for (const [name, find] of Object.entries(reader.group('', terms, TERMS))) {
    if (find !== undefined && typeof find !== 'function')
      reader.fail(name, `must be a function; got ${format(find)}.`);
  }
}
