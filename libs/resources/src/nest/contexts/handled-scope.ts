import { LeaseScope } from '../../scopes/lease-scope.js';

/** The lease scope of a unit of work that Nest gives to a handler of the application, such as a request. */
export abstract class HandledScope extends LeaseScope {
  /** What handlers get, for functions that find a key in it. Empty when it has ended. */
  abstract get handlerArguments(): readonly unknown[];
}

/** What the handlers of a scope's work get. @returns nothing for work that has no handler, such as a job, and for what has ended */
export function handlerArgumentsOf(scope: LeaseScope | undefined): readonly unknown[] {
  return scope instanceof HandledScope ? scope.handlerArguments : [];
}
