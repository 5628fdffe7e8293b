import type { AsyncLocalStorage } from 'node:async_hooks';
import type { LeaseScope, ScopeHost } from './lease-scope.js';
import type { LoadTerms } from './load-terms.js';
import { type ScopedWork, scopedWork } from './scoped-work.js';

/** All of it is work of lease scopes: only they are run below, and only they make a `UseWork`. */
const context = scopedWork as AsyncLocalStorage<ScopedWork<LeaseScope>>;

/** The scope that the code now running belongs to. */
export const currentScope = {
  getStore: (): LeaseScope | undefined => context.getStore()?.scope,
  run: <R>(scope: LeaseScope, work: () => R): R => context.run(scope, work),
  /** Like `run`, for work that is bound to a scope: when a load calls it, it is still part of the load. */
  runBound: <R>(scope: LeaseScope, work: () => R): R => {
    const load = context.getStore()?.load;
    load?.keep(scope);
    return context.run(load === undefined ? scope : { scope, load }, work);
  },
};

/** The innermost scope of this coordinator around the code now running, if there is one. */
export function scopeOf(host: ScopeHost, work = context.getStore()): LeaseScope | undefined {
  let scope = work?.scope;
  while (scope !== undefined && scope.host !== host) scope = scope.parent;
  return scope;
}

/** The scope that {@link scopeOf} finds, while it is open. It looks by itself, because every acquisition asks, and a call less counts. */
export function openScopeOf(host: ScopeHost): LeaseScope | undefined {
  let scope = context.getStore()?.scope;
  while (scope !== undefined && scope.host !== host) scope = scope.parent;
  return scope?.open === true ? scope : undefined;
}

/** What a load may know of a request, if the code now running belongs to one: directly, or in a scope that it opened or entered. */
export function loadOf(host: ScopeHost): LoadTerms | undefined {
  const work = context.getStore();
  return work?.load ?? scopeOf(host, work)?.load;
}
