import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoadTerms } from './load-terms.js';

/** A scope, as far as work in it tells of itself. */
export interface WorkingScope {
  /** Works of `use()` in it that go on, rather than wait for a resource. A count. */
  working: number;
}

/** What runs in a scope: its work as a whole (the scope itself), or the work of one `use()` in it. */
export interface ScopedWork<Scope extends WorkingScope = WorkingScope> {
  readonly scope: Scope;
  /** Of work that a load does: what it may know of a request. */
  readonly load: LoadTerms | undefined;
}

/** What the code now running belongs to. Asked by `UseWork` and `currentScope`; everybody else asks the latter. */
export const scopedWork = new AsyncLocalStorage<ScopedWork>();
