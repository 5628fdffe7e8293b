import { type ScopedWork, scopedWork, type WorkingScope } from './scoped-work.js';

/**
 * The work of one `use()` in a scope. It exists so that work that waits for a resource, itself or in a
 * `use()` inside, can be told from work beside it that goes on and will give back what it holds.
 */
export class UseWork implements ScopedWork {
  readonly load = scopedWork.getStore()?.load;
  private readonly around: UseWork | undefined;
  /** Acquisitions in flight that it waits for, a count. */
  private waiting = 0;

  constructor(readonly scope: WorkingScope) {
    this.around = UseWork.current(scope);
  }

  /** The innermost of a scope around the code now running. */
  static current(scope: WorkingScope): UseWork | undefined {
    const work = scopedWork.getStore();
    return work instanceof UseWork && work.scope === scope ? work : undefined;
  }

  async run<R>(work: () => R | PromiseLike<R>): Promise<R> {
    this.scope.working++;
    try {
      return await scopedWork.run(this, work);
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
