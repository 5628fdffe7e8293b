import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import type { Lease } from '../pool/lease.js';
import type { BorrowOptions, TryBorrowOptions } from './borrow-options.js';
import { type ScopedWork, UseWork } from './current-scope.js';
import { ScopeLoan } from './scope-loan.js';
import { settledOrAborted } from './settled-or-aborted.js';

/** What a scope needs of its coordinator. */
export interface ScopeKeeper {
  /** Borrows for a scope. */
  lendTo(scope: LeaseScope, type: string, options: BorrowOptions | undefined): Promise<Lease<unknown>>;
  /** The same, of what is idle, at once or not at all. */
  tryLendTo(
    scope: LeaseScope,
    type: string,
    options: TryBorrowOptions | undefined,
  ): Lease<unknown> | undefined;
  /** Hears of the scopes that borrow. */
  readonly scopes: { began(scope: LeaseScope): void; ended(scope: LeaseScope): void };
  readonly draining: boolean;
}

/**
 * One unit of work. It has one resource of a type, shared by all who ask in it, and all its loans end with
 * it.
 *
 * A scope is held open by whatever still works in it: the work itself, every acquisition in
 * flight, every `use()`. When the last of them lets go, it ends and gives everything back, the last
 * taken first. Until something is borrowed it is a small object that nobody knows of, because most
 * requests borrow nothing.
 */
export class LeaseScope implements ScopedWork {
  /** The nearest scope of another coordinator around it. One of its own that it hides is not kept alive. */
  readonly parent: LeaseScope | undefined;
  ended = false;
  /** Works of `use()` in it that go on, rather than wait for a resource. */
  working = 0;
  private begun = false;
  private holds = 0;
  /** In the order in which they were asked for. Made when something is. */
  private loans: ScopeLoan[] | undefined;

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

  get scope(): this {
    return this;
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
   * This scope's resource of a type, for its scoped lease: taken on first use, the same until the scope ends or
   * {@link release}. Concurrent callers share the acquisition that the first of them started, with its
   * time-out and owner; each may give up by its own signal, and the others go on.
   *
   * @throws LeaseReleasedError when the scope has ended, or `release` was called meanwhile, and
   * whatever the pool's `acquire` throws
   */
  async acquire(type: string, options?: BorrowOptions): Promise<unknown> {
    const loan = await this.hold(type, options, true);
    loan.keep();
    return loan.lease?.resource;
  }

  /**
   * Takes this scope's resource of a type if that needs no waiting.
   *
   * @returns whether the scope has it now
   * @throws LeaseReleasedError when the scope has ended
   */
  tryAcquire(type: string): boolean {
    const loan = this.tryHold(type, undefined);
    loan?.keep();
    return loan !== undefined;
  }

  /**
   * The same resource for one caller, who ends its lease: the loan goes back when nobody else has it. With
   * `separate`, one that nobody else has.
   *
   * @throws as {@link acquire}
   */
  async borrow(type: string, options?: BorrowOptions): Promise<Lease<unknown>> {
    const loan = await this.hold(type, options, false);
    return loan.handle(options?.owner ?? this.owner);
  }

  /** The same, if that needs no waiting. */
  tryBorrow(type: string, options?: TryBorrowOptions): Lease<unknown> | undefined {
    return this.tryHold(type, options)?.handle(options?.owner ?? this.owner);
  }

  /** Runs work with the resource, and holds the scope open until it is done. */
  async use<R>(
    type: string,
    work: (lease: Lease<unknown>) => R | PromiseLike<R>,
    options?: BorrowOptions,
  ): Promise<R> {
    this.enter();
    try {
      const lease = await this.borrow(type, options);
      try {
        return await new UseWork(this).run(() => work(lease));
      } finally {
        void lease.release(); // never rejects, and the caller need not wait for a reset
      }
    } finally {
      this.leave();
    }
  }

  /** Aborted when nobody waits for what the scope's work would do next. Kinds of work that can tell override this. */
  get abandoned(): AbortSignal | undefined {
    return undefined;
  }

  /**
   * The resource that the scope has already.
   *
   * @throws LeaseReleasedError after the end, NoLeaseScopeError when nothing was acquired
   */
  resource(type: string): unknown {
    const lease = this.loans?.findLast((loan) => loan.type === type && !loan.separate)?.lease;
    if (lease !== undefined) return lease.resource;
    if (!this.open) throw new LeaseReleasedError(type, this.owner);
    throw NoLeaseScopeError.notAcquired(type, this.owner);
  }

  /** The scoped lease lets go; an acquisition in flight that it waits for brings it nothing. The next `acquire` asks anew. */
  async release(type: string): Promise<void> {
    await this.shared(type)?.release();
  }

  /** What holds this resource in the scope, the latest of it. */
  holderOf(resource: unknown): { release(): Promise<void> } | undefined {
    return this.loans?.findLast((loan) => loan.lends(resource))?.latest;
  }

  /** Whether this lease belongs to the scope. */
  owns(lease: Lease<unknown>): boolean {
    return this.loans?.some((loan) => loan.lease === lease) === true;
  }

  /** Ends the scope when nothing keeps it open any more. */
  endIfOver(): void {
    if (!this.begun || this.ended || this.holds > 0 || !this.over) return;
    this.end();
  }

  protected end(): void {
    this.ended = true;
    const loans = this.loans ?? [];
    this.loans = undefined;
    for (const { lease } of loans.toReversed()) void lease?.release();
    this.keeper.scopes.ended(this);
  }

  private ensureBegun(): void {
    if (this.begun) return;
    this.begun = true;
    this.begin();
  }

  /** The loan that all who ask for a type share, if there is one. */
  private shared(type: string): ScopeLoan | undefined {
    return this.loans?.find((loan) => loan.type === type && !loan.separate && !loan.ended);
  }

  private add(type: string, options: TryBorrowOptions | undefined): ScopeLoan {
    this.ensureBegun();
    this.loans ??= [];
    return new ScopeLoan(type, options?.separate === true, this.loans);
  }

  /** Waits for a resource and counts one more who holds it. @param scoped whether for the scoped lease */
  private async hold(type: string, options: BorrowOptions | undefined, scoped: boolean): Promise<ScopeLoan> {
    if (!this.open) throw new LeaseReleasedError(type, this.owner);
    this.enter();
    try {
      for (;;) {
        const loan = (options?.separate === true ? undefined : this.shared(type)) ?? this.add(type, options);
        const { releases } = loan;
        loan.hold();
        if (loan.lease === undefined && !(await this.arrives(loan, options))) continue;
        if (!scoped || loan.releases === releases) return loan;
        void loan.letGo(); // release() was called while it was on its way
        throw new LeaseReleasedError(type, this.owner);
      }
    } finally {
      this.leave();
    }
  }

  /** The same, if it needs no waiting. */
  private tryHold(type: string, options: TryBorrowOptions | undefined): ScopeLoan | undefined {
    if (!this.open) throw new LeaseReleasedError(type, this.owner);
    let loan = options?.separate === true ? undefined : this.shared(type);
    if (loan === undefined) {
      const lease = this.keeper.tryLendTo(this, type, options);
      if (lease === undefined) return undefined;
      loan = this.add(type, options);
      loan.lease = lease;
    }
    if (loan.lease === undefined) return undefined; // it is on its way
    loan.hold();
    return loan;
  }

  /** @returns whether the loan has its resource; not when only the caller that began the acquisition gave up */
  private async arrives(loan: ScopeLoan, options: BorrowOptions | undefined): Promise<boolean> {
    const signal = options?.signal;
    const work = UseWork.current(this);
    work?.waitBegan();
    const began = loan.pending === undefined;
    const pending = (loan.pending ??= this.take(loan, options));
    try {
      if (!began && signal !== undefined) {
        await settledOrAborted(pending, signal);
        if (signal.aborted) await this.keeper.lendTo(this, loan.type, options); // the pool refuses it in its words
      }
      await pending;
      return true;
    } catch (error) {
      void loan.letGo();
      if (began || signal?.aborted === true || !(error instanceof AcquireAbortedError)) throw error;
      return false;
    } finally {
      work?.waitEnded();
    }
  }

  private async take(loan: ScopeLoan, options: BorrowOptions | undefined): Promise<void> {
    try {
      loan.lease = await this.keeper.lendTo(this, loan.type, options);
    } catch (error) {
      loan.drop();
      throw error;
    } finally {
      loan.pending = undefined;
    }
  }
}
