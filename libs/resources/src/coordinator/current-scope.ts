import { AsyncLocalStorage } from 'node:async_hooks';
import type { LeaseScope, ScopeKeeper } from './lease-scope.js';

/** What runs in a scope: its work as a whole (the scope itself), or the work of one `use()` in it. */
export interface ScopedWork {
  readonly scope: LeaseScope;
}

const context = new AsyncLocalStorage<ScopedWork>();

/** The scope that the code now running belongs to. */
export const currentScope = {
  getStore: (): LeaseScope | undefined => context.getStore()?.scope,
  run: <R>(scope: LeaseScope, work: () => R): R => context.run(scope, work),
};

/** The innermost scope of this coordinator around the code now running, if there is one. */
export function scopeOf(keeper: ScopeKeeper): LeaseScope | undefined {
  let scope = currentScope.getStore();
  while (scope !== undefined && scope.keeper !== keeper) scope = scope.parent;
  return scope;
}

/**
 * The work of one `use()` in a scope. It exists so that work that waits for a resource, itself or in a
 * `use()` inside, can be told from work beside it that goes on and will give back what it holds.
 */
export class UseWork implements ScopedWork {
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
