import { isThenable } from '../../../hooks/is-thenable.js';
import { currentScope } from '../../../scopes/current-scope.js';
import type { HttpLeaseScope } from './http-lease-scope.js';

/**
 * Runs work in the context of its own scope, whatever the ambient one is. Nest goes on from callbacks of
 * objects that requests share, and such a callback runs in the context of whoever made the object.
 */
export function enter<R>(scope: HttpLeaseScope, work: () => R): R {
  return isCurrent(scope) ? work() : currentScope.run(scope, work);
}

function isCurrent(scope: HttpLeaseScope): boolean {
  return currentScope.getStore() === scope;
}

/** Makes a function run in the scope: what goes on with a request, from whatever callback it is called. */
export function inScope<A extends unknown[]>(
  scope: HttpLeaseScope,
  goOn: (...args: A) => unknown,
): (...args: A) => unknown {
  return (...args) => (isCurrent(scope) ? goOn(...args) : currentScope.run(scope, () => goOn(...args)));
}

/** What middleware gets to go on with. */
interface Next<A extends unknown[]> {
  /** Called once more, it takes the request back from whoever has it since, as a time-out in middleware does. */
  goOn(this: void, ...args: A): unknown;
  /** The role of the middleware: when it has settled, somebody else has the request, if it went on. */
  role(this: void): boolean;
}

/** The `next` of one hand-over, in its scope. */
export function nextInScope<A extends unknown[]>(
  scope: HttpLeaseScope,
  next: (...args: A) => unknown,
): Next<A> {
  let called = false;
  return {
    goOn: (...args) => {
      if (called) scope.takenBack();
      called = true;
      return isCurrent(scope) ? next(...args) : currentScope.run(scope, () => next(...args));
    },
    role: () => called,
  };
}

/**
 * What whoever gets a request does with it: answers; only looks at an answer, for which whoever gave it may wait; or lets the platform
 * go on, if this is so of what the promise brings.
 */
export type Role = 'answers' | 'looks' | ((value: unknown) => boolean);

/**
 * Hands a request over to whoever works for it next, in its own context, and counts the work until it has settled. Whoever
 * returns no promise works unseen, until the next hand-over or the answer.
 *
 * @returns what is to be given out in place of what `work` returned
 */
export function handOver(scope: HttpLeaseScope, work: () => unknown, role: Role = 'answers'): unknown {
  const turn = scope.handedOver();
  let result: unknown;
  try {
    // Not by enter(): each hand-over is in the stack of an error.
    result = isCurrent(scope) ? work() : currentScope.run(scope, work);
  } catch (error) {
    scope.returned(turn); // whoever catches it answers, or hands over
    throw error;
  }
  if (!isThenable(result)) {
    scope.returned(turn);
    return result;
  }
  if (role === 'looks') {
    scope.workBegan();
    return whenSettled(result, () => scope.workSettled());
  }
  scope.pipelineBegan();
  return whenSettled(result, (value) => scope.pipelineSettled(typeof role === 'function' && role(value)));
}

/**
 * @param settled gets what it resolves to
 * @returns the same outcome, after that was called. To be given out in place of `work`: a rejection that nobody handles
 * stays one, and a thenable that does its work when it is read is read once
 */
export function whenSettled<T>(work: PromiseLike<T>, settled: (value?: T) => void): Promise<T> {
  return promiseOf(work).then(
    (value) => {
      settled(value);
      return value;
    },
    (error: unknown) => {
      settled();
      throw error;
    },
  );
}

/** What of a hostile promise can't be looked at is its rejection. */
export function promiseOf<T>(work: T | PromiseLike<T>): Promise<T> {
  try {
    return Promise.resolve(work);
  } catch (error) {
    return Promise.reject(error);
  }
}
