import { AsyncLocalStorage } from 'node:async_hooks';
import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { CacheAbortedError } from '../errors/cache-aborted-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import type { Lease } from '../pool/lease.js';
import type { AcquireOptions } from '../pool/resource-pool.js';

/** What a scope needs of its coordinator. */
export interface ScopeKeeper {
  /** Borrows for a scope. */
  lendTo(scope: LeaseScope, type: string, options: AcquireOptions | undefined): Promise<Lease<unknown>>;
  /** The same, of what is idle, at once or not at all. */
  tryLendTo(scope: LeaseScope, type: string): Lease<unknown> | undefined;
  /** Work with a lease has thrown. */
  workFailed(type: string, lease: Lease<unknown>, error: unknown): void;
  /** Hears of the scopes that borrow. */
  readonly scopes: { began(scope: LeaseScope): void; ended(scope: LeaseScope): void };
  readonly draining: boolean;
}

/** The scope's one resource of a type: the lease, or the acquisition that will bring it. */
interface Loan {
  readonly type: string;
  lease: Lease<unknown> | undefined;
  pending: Promise<Lease<unknown>> | undefined;
}

/** The scope that the code now running belongs to. */
export const currentScope = new AsyncLocalStorage<LeaseScope>();

/** How many leases a scope remembers before it forgets those that have ended. */
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
  /** The nearest scope of another coordinator around it. One of its own that it hides is not kept alive. */
  readonly parent: LeaseScope | undefined;
  ended = false;
  /** Its place among the scopes that have begun: the registry's. */
  index = -1;
  protected begun = false;
  private holds = 0;
  private readonly loans: Loan[] = [];
  /** All leases that it took, in that order; some may have ended. */
  private leases: Lease<unknown>[] = [];
  private forgetAt = FORGET_AFTER;

  /**
   * @param kind of work: `http`, `run`, `use`
   * @param place where the work is, such as `OrdersController.find`
   * @param parent the scope in which this one was opened, if any
   * @param late whether the work began after draining had: then it gets nothing
   */
  constructor(
    readonly keeper: ScopeKeeper,
    readonly kind: string,
    public place: string,
    parent: LeaseScope | undefined,
    readonly late = keeper.draining,
  ) {
    let around = parent;
    while (around !== undefined && around.keeper === keeper) around = around.parent;
    this.parent = around;
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
    this.keeper.scopes.began(this);
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
   * callers share the acquisition that the first of them started, with its time-out and owner; each
   * may give up by its own signal, and the others go on.
   *
   * @throws LeaseReleasedError when the scope has ended, or `release` was called meanwhile, and
   * whatever the pool's `acquire` throws
   */
  async acquire(type: string, options?: AcquireOptions): Promise<unknown> {
    if (!this.open) throw new LeaseReleasedError(type, this.owner);
    const loan = this.loanOf(type);
    if (loan.lease !== undefined && !loan.lease.ended) return loan.lease.resource;
    this.enter();
    try {
      if (loan.pending !== undefined) return await this.join(loan.pending, type, options);
      loan.pending = this.take(loan, options);
      return (await loan.pending).resource;
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
    this.adopt(loan.lease);
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

  /** Gives one resource back early; an acquisition in flight, as soon as it is there. The next `acquire` takes one anew. */
  async release(type: string): Promise<void> {
    const index = this.loans.findIndex((loan) => loan.type === type);
    if (index === -1) return;
    const [loan] = this.loans.splice(index, 1);
    await loan.pending?.catch(() => undefined); // its callers hear of the failure
    await loan.lease?.release();
  }

  /** Work with this scope's resource of a type has thrown: it may be broken. */
  workFailed(type: string, error: unknown): void {
    const lease = this.loans.find((loan) => loan.type === type)?.lease;
    if (lease !== undefined) this.keeper.workFailed(type, lease, error);
  }

  /** Makes a lease end with the scope at the latest. */
  adopt(lease: Lease<unknown>): void {
    this.ensureBegun();
    this.leases.push(lease);
    if (this.leases.length < this.forgetAt) return;
    this.leases = this.leases.filter(({ ended }) => !ended);
    this.forgetAt = Math.max(FORGET_AFTER, this.leases.length * 2);
  }

  /** The lease of the scope that holds this resource, if one does. */
  leaseOf(resource: unknown): Lease<unknown> | undefined {
    return this.leases.find((lease) => !lease.ended && lease.resource === resource);
  }

  /** Whether this lease belongs to the scope. One that has ended is forgotten some time later. */
  owns(lease: Lease<unknown>): boolean {
    return this.leases.includes(lease);
  }

  /** Ends the scope when nothing keeps it open any more. */
  endIfOver(): void {
    if (!this.begun || this.ended || this.holds > 0 || !this.over) return;
    this.end();
  }

  protected end(): void {
    this.ended = true;
    for (let lease = this.leases.pop(); lease !== undefined; lease = this.leases.pop()) void lease.release();
    this.keeper.scopes.ended(this);
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
      const lease = await this.keeper.lendTo(this, loan.type, options);
      if (!this.loans.includes(loan)) {
        void lease.release(); // release() was called while it was on its way
        throw new LeaseReleasedError(loan.type, this.owner);
      }
      this.adopt(lease);
      loan.lease = lease;
      return lease;
    } finally {
      loan.pending = undefined;
    }
  }

  /** Waits for an acquisition that another caller began. */
  private async join(
    pending: Promise<Lease<unknown>>,
    type: string,
    options: AcquireOptions | undefined,
  ): Promise<unknown> {
    const signal = options?.signal;
    if (signal !== undefined) {
      await settledOrAborted(pending, signal);
      if (signal.aborted) return await this.keeper.lendTo(this, type, options); // the pool refuses it in its words
    }
    try {
      return (await pending).resource;
    } catch (error) {
      if (!(error instanceof AcquireAbortedError || error instanceof CacheAbortedError)) throw error;
      return await this.acquire(type, options); // only the one that began it gave up
    }
  }
}

/** Resolves when the work has settled or the signal is aborted, whichever is first. */
function settledOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    if (signal.aborted) return done();
    signal.addEventListener('abort', done);
    work.then(done, done);
  });
}

/** The innermost scope of this coordinator around the code now running, if there is one. */
export function scopeOf(keeper: ScopeKeeper): LeaseScope | undefined {
  let scope = currentScope.getStore();
  while (scope !== undefined && scope.keeper !== keeper) scope = scope.parent;
  return scope;
}
