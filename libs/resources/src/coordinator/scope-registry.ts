import type { Lease } from '../pool/lease.js';
import type { Clock } from '../time/clock.js';
import type { LeaseScope } from './lease-scope.js';

/** The scopes that have borrowed and are not over: who works, who owns which lease, and when all is done. */
export class ScopeRegistry {
  private readonly scopes = new Set<LeaseScope>();
  private overListeners: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.scopes.size;
  }

  began(scope: LeaseScope): void {
    this.scopes.add(scope);
  }

  ended(scope: LeaseScope): void {
    this.scopes.delete(scope);
    if (this.scopes.size === 0) for (const listener of this.overListeners.splice(0)) listener();
  }

  /** The scope that a lease belongs to, if it does. Looks at every scope: not for hot paths. */
  ownerOf(lease: Lease<unknown>): LeaseScope | undefined {
    for (const scope of this.scopes) if (scope.owns(lease)) return scope;
    return undefined;
  }

  /** Waits until every scope is over. @param deadline milliseconds @returns whether all are */
  async over(deadline: number): Promise<boolean> {
    if (this.scopes.size > 0 && deadline > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.clock.setTimeout(resolve, deadline);
        this.overListeners.push(() => {
          this.clock.clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.scopes.size === 0;
  }
}
