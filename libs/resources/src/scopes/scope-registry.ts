import type { Lease } from '../pool/leases/lease.js';
import type { Clock } from '../time/clock.js';
import { waitAtMost } from '../time/wait-at-most.js';
import type { LeaseScope } from './lease-scope.js';

/** The scopes that have borrowed and are not over: who works, who owns which lease, and when all is done. */
export class ScopeRegistry {
  /** Each remembers its place, so that entering and leaving hash nothing: every request that borrows does both. */
  private readonly scopes: LeaseScope[] = [];
  private overListeners: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.scopes.length;
  }

  began(scope: LeaseScope): void {
    scope.index = this.scopes.length;
    this.scopes.push(scope);
  }

  ended(scope: LeaseScope): void {
    const last = this.scopes.pop();
    if (last !== undefined && last !== scope) {
      last.index = scope.index;
      this.scopes[last.index] = last;
    }
    if (this.scopes.length === 0) this.giveUp();
  }

  /** Ends all waits, over or not. */
  giveUp(): void {
    for (const listener of this.overListeners.splice(0)) listener();
  }

  /** The scope that a lease belongs to, if it does. Looks at every scope, so it is not for hot paths. */
  ownerOf(lease: Lease<unknown>): LeaseScope | undefined {
    for (const scope of this.scopes) if (scope.owns(lease)) return scope;
    return undefined;
  }

  /** Waits until every scope is over. @param deadline milliseconds @returns whether all are */
  async over(deadline: number): Promise<boolean> {
    if (this.scopes.length > 0 && deadline > 0) {
      await waitAtMost(deadline, this.clock, (over) => this.overListeners.push(over));
    }
    return this.scopes.length === 0;
  }
}
