import { currentScope, loadOf, scopeOf } from './current-scope.js';
import { LeaseScope, type ScopeHost } from './lease-scope.js';

/** Runs work in a scope of its own. What begun work opens is part of it, and goes on while others are refused. */
export async function runInScope<R>(
  host: ScopeHost,
  kind: string,
  place: string,
  work: (scope: LeaseScope) => R | PromiseLike<R>,
): Promise<R> {
  const around = scopeOf(host);
  const late = around?.open === true ? around.late : undefined;
  const scope = new LeaseScope(host, kind, place, currentScope.getStore(), late);
  scope.load = loadOf(host);
  scope.enter();
  try {
    return await currentScope.run(scope, () => work(scope));
  } catch (error) {
    scope.workFailed(error);
    throw error;
  } finally {
    scope.leave();
  }
}
