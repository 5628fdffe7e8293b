import type { Room } from '../cache/loads/load-host.js';
import { LeaseScope, type ScopeHost } from './lease-scope.js';
import type { LoadTerms } from './load-terms.js';

/** A caller that waits for a load. */
export interface LoadWaiter {
  /** `undefined` for code that runs in no scope. */
  readonly scope: LeaseScope | undefined;
}

/**
 * The scope of one load of the cache. It has no request, and no scope around it, because it is nobody's: it is
 * over when the load has settled, whoever asked and whoever still waits.
 */
export class LoadScope extends LeaseScope {
  readonly waiters = new Set<LoadWaiter>();
  /** Whether the load itself has begun, and whether it has settled. */
  running = false;
  settled = false;
  declare late: boolean;

  /**
   * @param late whether all who asked began their work after draining had: then it gets nothing
   * @param room for which it waits before it begins
   */
  constructor(
    host: ScopeHost,
    override readonly load: LoadTerms,
    late: boolean,
    readonly room: Room | undefined,
  ) {
    super(host, 'load', load.place, undefined, late);
  }

  /** Callers that wait for it may hold what it needs. */
  override get awaited(): boolean {
    return true;
  }
}
