import { AsyncLocalStorage } from 'node:async_hooks';
import type { LeaseScope, ScopeHost } from './lease-scope.js';
import type { LoadTerms } from './load-terms.js';

/** What runs in a scope: its work as a whole (the scope itself), or the work of one `use()` in it. */
export interface ScopedWork {
  readonly scope: LeaseScope;
  /** Of work that a load does: what it may know of a request. */
  readonly load: LoadTerms | undefined;
}

const context = new AsyncLocalStorage<ScopedWork>();

/** The scope that the code now running belongs to. */
export const currentScope = {
  getStore: (): LeaseScope | undefined => context.getStore()?.scope,
  run: <R>(scope: LeaseScope, work: () => R): R => context.run(scope, work),
  /** The same for work that is bound to a scope: called by a load, it is the load's all the same. */
  runBound: <R>(scope: LeaseScope, work: () => R): R => {
    const load = context.getStore()?.load;
    load?.keep(scope);
    return context.run(load === undefined ? scope : { scope, load }, work);
  },
};

/** The innermost scope of this coordinator around the code now running, if there is one. */
export function scopeOf(host: ScopeHost): LeaseScope | undefined {
  let scope = context.getStore()?.scope;
  while (scope !== undefined && scope.host !== host) scope = scope.parent;
  return scope;
}

/** What a load may know of a request, if the code now running belongs to one: directly, or in a scope that it opened or entered. */
export function loadOf(host: ScopeHost): LoadTerms | undefined {
  return context.getStore()?.load ?? scopeOf(host)?.load;
}

/**
 * The work of one `use()` in a scope. It exists so that work that waits for a resource, itself or in a
 * `use()` inside, can be told from work beside it that goes on and will give back what it holds.
 */
export class UseWork implements ScopedWork {
  readonly load = context.getStore()?.load;
  private readonly around: UseWork | undefined;
  /** Acquisitions in flight that it waits for, a count. */
  private waiting = 0;

  constructor(readonly scope: LeaseScope) {
    this.around = UseWork.current(scope);
  }

  /** The innermost of a scope around the code now running. */
  static current(scope: LeaseScope): UseWork | undefined {
    const work = context.getStore();
    return work instanceof UseWork && work.scope === scope ? work : undefined;
  }

  async run<R>(work: () => R | PromiseLike<R>): Promise<R> {
    this.scope.working++;
    try {
      return await context.run(this, work);
    } finally {
      this.scope.working--;
    }
  }

  waitBegan(): void {
    if (this.waiting++ === 0) this.scope.working--;
    this.around?.waitBegan();
  }

  waitEnded(): void {
    if (--this.waiting === 0) this.scope.working++;
    this.around?.waitEnded();
  }
}
