import { createParamDecorator, type ExecutionContext, Inject } from '@nestjs/common';
import { currentScope } from '../coordinator/current-scope.js';
import type { KeyContext, KeyOf } from '../coordinator/lease-key.js';
import { ScopedLeaseHandle, type ScopeOpener } from '../coordinator/scoped-lease.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import { format } from '../time/duration.js';
import { getLeaseToken } from './lease-token.js';
import { declareUsage } from './resource-usage.js';
import { checkTypeName } from './check-type-name.js';

/** Options of {@link PooledResource}. */
export interface PooledResourceOptions {
  /** Of a type with `keyed`: finds the key, each time that the lease is used. Called in all three positions alike. */
  key?(this: void, context: KeyContext): string;
}

interface LeaseRequest {
  readonly type: string;
  readonly key: KeyOf | undefined;
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
const LeaseParameter = createParamDecorator(
  ({ type, key: keyOf }: LeaseRequest, context: ExecutionContext) => {
    const scope = currentScope.getStore();
    const place = `${context.getClass().name}.${context.getHandler().name}`;
    if (scope === undefined) throw NoLeaseScopeError.forType(type, place);
    scope.place = place; // not every Nest names its routes
    // A scope that a request runs in was made by a coordinator.
    const handle = new ScopedLeaseHandle<unknown>(scope.keeper as ScopeOpener, type, keyOf, scope);
    const { kind, owner, request } = scope;
    const key = keyOf?.({ kind, owner, request });
    if (scope.tryAcquire(type, { key })) return handle;
    return scope.acquire(type, { signal: scope.abandoned, key }).then(() => handle);
  },
);

/**
 * Injects the current request's lease of a resource type, as a {@link ScopedLease}.
 *
 * On a handler parameter the resource is acquired before the handler runs; on a constructor
 * parameter or a property of any singleton, on first use in each request. All positions share one
 * lease, which goes back when the request is over. The class stays a singleton.
 *
 * @param type a registered resource type; an unknown one fails the start of the application
 * @throws InvalidOptionsError when `type` is no name, or `key` no function
 */
export function PooledResource(type: string, { key }: PooledResourceOptions = {}): ResourceInjector {
  checkTypeName(type, 'PooledResource', 'the name of a resource type', "'pg'");
  if (key !== undefined && typeof key !== 'function') {
    throw new InvalidOptionsError(
      '@PooledResource()',
      `needs a function as "key"; got ${format(key)}.`,
      type,
    );
  }
  return (target, member, index) => {
    const owner = typeof target === 'function' ? target : target.constructor;
    declareUsage(owner, { type, key, place: describePlace(owner.name, member, index) });
    const inject = Inject(getLeaseToken(type, key));
    if (typeof index === 'number' && member !== undefined)
      LeaseParameter({ type, key })(target, member, index);
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
