import { AsyncLocalStorage } from 'node:async_hooks';
import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import type { Lease } from '../pool/lease.js';
import type { AcquireOptions } from '../pool/resource-pool.js';

/** What a scope needs of its coordinator. */
export interface ScopeKeeper {
  /** Borrows for a scope. `late` scopes began after draining had. */
  lendTo(scope: LeaseScope, type: string, options: AcquireOptions | undefined): Promise<Lease<unknown>>;
  /** The same, of what is idle, at once or not at all. */
  tryLendTo(scope: LeaseScope, type: string): Lease<unknown> | undefined;
  scopeBegan(scope: LeaseScope): void;
  scopeEnded(scope: LeaseScope): void;
  readonly draining: boolean;
}

/** One resource type in a scope: the lease, or the acquisition that will bring it. */
interface Loan {
  readonly type: string;
  lease: Lease<unknown> | undefined;
  pending: Promise<Lease<unknown>> | undefined;
}

/** The scope that the code now running belongs to. */
export const currentScope = new AsyncLocalStorage<LeaseScope>();

/** How many leases of one scope may have ended before they are forgotten. */
const FORGET_AFTER = 16;

/**
 * One unit of work: all the leases that it took end with it.
 *
 * A scope is held open by whatever still works in it: the work itself, every acquisition in
 * flight, every `use()`. When the last of them lets go, it ends and gives everything back, the last
 * taken first. Until something is borrowed it is a small object that nobody knows of, because most
 * requests borrow nothing.
 */
export class LeaseScope {
  /** Whether it began after draining had: then it gets nothing more. */
  readonly late: boolean;
  ended = false;
  private begun = false;
  private holds = 0;
  private loans: Loan[] = [];
  private adopted: Lease<unknown>[] = [];
  private forgetAt = FORGET_AFTER;

  /**
   * @param kind of work: `http`, `run`, `use`
   * @param place where the work is, such as `OrdersController.find`
   * @param parent the scope in which this one was opened, if any
   */
  constructor(
    readonly keeper: ScopeKeeper,
    readonly kind: string,
    public place: string,
    readonly parent: LeaseScope | undefined,
  ) {
    this.late = keeper.draining;
  }

  /** Who holds the scope's leases: place and kind. */
  get owner(): string {
    return `${this.place} (${this.kind})`;
  }

  /** Whether its work is over, apart from holds. Kinds of work that can tell override this. */
  protected get over(): boolean {
    return true;
  }

  /** Called once, before the first acquisition. */
  protected begin(): void {
    this.keeper.scopeBegan(this);
  }

  /** Whether leases can still be had and used in it. */
  get open(): boolean {
    return !this.ended && (this.holds > 0 || !this.over);
  }

  /** Keeps the scope open until {@link leave}. */
  enter(): void {
    this.holds++;
  }

  leave(): void {
    this.holds--;
    this.endIfOver();
  }

  /**
   * This scope's resource of a type: taken on first use, the same until the scope ends. Concurrent
   * callers share the acquisition that the first of them started, with its options.
   *
   * @throws LeaseReleasedError when the scope has ended, and whatever the pool's `acquire` throws
   */
  async acquire(type: string, options?: AcquireOptions): Promise<unknown> {
    if (!this.open) throw new LeaseReleasedError(type, this.owner);
    const loan = this.loanOf(type);
    if (loan.lease !== undefined && !loan.lease.ended) return loan.lease.resource;
    const first = loan.pending === undefined;
    this.enter();
    try {
      loan.pending ??= this.take(loan, options);
      return (await loan.pending).resource;
    } catch (error) {
      const othersAbort = !first && error instanceof AcquireAbortedError && options?.signal?.aborted !== true;
      if (!othersAbort) throw error;
      return await this.acquire(type, options);
    } finally {
      this.leave();
    }
  }

  /**
   * Takes this scope's resource of a type if that needs no waiting.
   *
   * @returns whether the scope holds it now
   * @throws LeaseReleasedError when the scope has ended
   */
  tryAcquire(type: string): boolean {
    if (!this.open) throw new LeaseReleasedError(type, this.owner);
    const loan = this.loanOf(type);
    if (loan.lease !== undefined && !loan.lease.ended) return true;
    if (loan.pending !== undefined) return false;
    loan.lease = this.keeper.tryLendTo(this, type);
    if (loan.lease === undefined) return false;
    this.ensureBegun();
    return true;
  }

  /** Aborted when nobody waits for what the scope's work would do next. Kinds of work that can tell override this. */
  get abandoned(): AbortSignal | undefined {
    return undefined;
  }

  /**
   * The resource that the scope holds already.
   *
   * @throws LeaseReleasedError after the end, NoLeaseScopeError when nothing was acquired
   */
  resource(type: string): unknown {
    const lease = this.loans.find((loan) => loan.type === type)?.lease;
    if (lease !== undefined) return lease.resource;
    if (!this.open) throw new LeaseReleasedError(type, this.owner);
    throw NoLeaseScopeError.notAcquired(type, this.owner);
  }

  /** Gives one resource back early. The next `acquire` takes one anew. */
  async release(type: string): Promise<void> {
    const index = this.loans.findIndex((loan) => loan.type === type);
    const [loan] = index === -1 ? [] : this.loans.splice(index, 1);
    const lease = await loan?.pending;
    await (loan?.lease ?? lease)?.release();
  }

  /** Makes a lease that was taken explicitly end with the scope at the latest. */
  adopt(lease: Lease<unknown>): void {
    this.ensureBegun();
    this.adopted.push(lease);
    if (this.adopted.length < this.forgetAt) return;
    this.adopted = this.adopted.filter(({ ended }) => !ended);
    this.forgetAt = Math.max(FORGET_AFTER, this.adopted.length * 2);
  }

  /** Whether this lease belongs to the scope. */
  owns(lease: Lease<unknown>): boolean {
    return this.adopted.includes(lease) || this.loans.some((loan) => loan.lease === lease);
  }

  /** Ends the scope when nothing keeps it open any more. */
  endIfOver(): void {
    if (!this.begun || this.ended || this.holds > 0 || !this.over) return;
    this.end();
  }

  protected end(): void {
    this.ended = true;
    const { adopted, loans } = this;
    for (let lease = adopted.pop(); lease !== undefined; lease = adopted.pop()) void lease.release();
    for (let i = loans.length - 1; i >= 0; i--) void loans[i].lease?.release();
    this.keeper.scopeEnded(this);
  }

  private ensureBegun(): void {
    if (this.begun) return;
    this.begun = true;
    this.begin();
  }

  private loanOf(type: string): Loan {
    for (const loan of this.loans) if (loan.type === type) return loan;
    const loan: Loan = { type, lease: undefined, pending: undefined };
    this.loans.push(loan);
    return loan;
  }

  private async take(loan: Loan, options: AcquireOptions | undefined): Promise<Lease<unknown>> {
    this.ensureBegun();
    try {
      loan.lease = await this.keeper.lendTo(this, loan.type, options);
      return loan.lease;
    } finally {
      loan.pending = undefined;
    }
  }
}

/** The innermost scope of this coordinator around the code now running, if there is one. */
export function scopeOf(keeper: ScopeKeeper): LeaseScope | undefined {
  let scope = currentScope.getStore();
  while (scope !== undefined && scope.keeper !== keeper) scope = scope.parent;
  return scope;
}
