import { createParamDecorator, type ExecutionContext, Inject } from '@nestjs/common';
import { NoLeaseScopeError } from '../../errors/no-lease-scope-error.js';
import type { ScopeOpener } from '../../scopes/scoped-lease.js';
import { scopeOfWork } from '../contexts/work-contexts.js';
import { nameOf } from '../discovery/class-of.js';
import type { DeclaredLease } from './declared-lease.js';
import { checkInjectable } from './decorator-place.js';
import { declareUsage } from './resource-usage.js';

/** Fits all three positions: constructor parameter, property, handler parameter. */
export type ResourceInjector = (target: object, member: string | symbol | undefined, index?: number) => void;

const BELONGS = 'a constructor parameter, a property, or a parameter of a handler';

/**
 * Nest awaits a promise that a parameter's factory returns, and its rejection goes to the exception
 * filters; a value costs nothing. Nobody waits in the queue for a client that hung up before its handler ran.
 */
const LeaseParameter = createParamDecorator((lease: DeclaredLease, context: ExecutionContext) => {
  const { type } = lease;
  const scope = scopeOfWork(context);
  if (scope === undefined)
    throw NoLeaseScopeError.forType(type, `${nameOf(context.getClass())}.${nameOf(context.getHandler())}`);
  const asked = lease.ask(scope, context);
  // A scope that a request runs in was made by a coordinator.
  const handle = lease.scopedLease(scope.host as ScopeOpener, scope, asked?.key);
  if (scope.tryAcquire(type, asked)) return handle;
  return scope.acquire(type, { ...asked, signal: scope.abandoned }).then(() => handle);
});

/** Injects a lease where the decorator stands, and remembers that it is asked for there. */
export function injectLease(lease: DeclaredLease): ResourceInjector {
  return (target, member, index) => {
    const at = { target, member, index };
    checkInjectable({ name: lease.decorator, belongs: BELONGS }, at);
    const owner = typeof target === 'function' ? target : target.constructor;
    const method = typeof index === 'number' ? member : undefined;
    declareUsage(owner, { lease, at, method });
    const inject = Inject(lease.token);
    if (typeof index === 'number' && member !== undefined) LeaseParameter(lease)(target, member, index);
    else if (typeof index === 'number') inject(target, member, index);
    else if (member !== undefined) inject(target, member);
  };
}
