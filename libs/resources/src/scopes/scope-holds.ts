import { type CacheLease, CountedLease } from '../cache/live/cache-lease.js';
import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { CacheAbortedError } from '../errors/cache-aborted-error.js';
import { isError } from '../errors/describe-cause.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { abandonLease } from '../pool/leases/collected-leases.js';
import type { LeaseSource, LoanOptions, TryLoanOptions } from './borrow-options.js';
import { ScopeHold } from './scope-hold.js';
import type { ScopeLender } from './scope-lender.js';
import type { WorkingScope } from './scoped-work.js';
import { settledOrAborted } from './settled-or-aborted.js';
import { UseWork } from './use-work.js';

/** The scope whose loans they are; implemented by `LeaseScope`. */
export interface ScopeHoldsHost<Scope> extends WorkingScope {
  readonly host: { readonly lender: ScopeLender<Scope> };
  readonly open: boolean;
  readonly owner: string;
  /** Whether others may wait for its work while they hold something. */
  readonly awaited: boolean;
  /** 0 before it borrows. */
  readonly serial: number;
  begin(): void;
  enter(): void;
  leave(): void;
}

/**
 * What one scope has borrowed, or is about to: one loan of a type (and key) for all who ask, besides the separate ones. It
 * begins the acquisitions, and lets later callers join them; until when a scope lives is the scope's.
 */
export class ScopeHolds<Scope extends ScopeHoldsHost<Scope>> {
  /** In the order in which they were asked for. */
  readonly all: ScopeHold[] = [];

  constructor(private readonly scope: Scope) {}

  /** The loan that all who ask for a type share, if there is one. */
  shared(source: LeaseSource, type: string, key: string | undefined): ScopeHold | undefined {
    return this.all.find((loan) => loan.isShared(source, type, key) && !loan.ended);
  }

  /** The same, even if something else than the scope has ended it. */
  latest(source: LeaseSource, type: string, key: string | undefined): ScopeHold | undefined {
    return this.all.findLast((loan) => loan.isShared(source, type, key));
  }

  /** Counts one more who holds a resource, if that needs no waiting. @param options as they were read */
  tryHold(type: string, options: TryLoanOptions | undefined): ScopeHold | undefined {
    const { scope, all } = this;
    if (!scope.open) throw new LeaseReleasedError(type, scope.owner);
    let loan = all.length === 0 ? undefined : this.sharedFor(type, options);
    if (loan === undefined) {
      const lease = scope.host.lender.tryLendTo(scope, type, options);
      if (lease === undefined) return undefined;
      if (scope.serial === 0) scope.begin();
      loan = new ScopeHold(type, options, all);
      loan.lease = lease;
      if (all.length > 1) scope.host.lender.watch(scope);
    }
    if (loan.lease === undefined) return undefined; // it is on its way
    loan.holds++;
    return loan;
  }

  /** The same, and waits for it. @param scoped whether for the scoped lease */
  async hold(type: string, options: LoanOptions | undefined, scoped: boolean): Promise<ScopeHold> {
    const { scope } = this;
    if (!scope.open) throw new LeaseReleasedError(type, scope.owner);
    scope.enter();
    try {
      for (;;) {
        if (scope.serial === 0) scope.begin();
        const loan = this.sharedFor(type, options) ?? new ScopeHold(type, options, this.all);
        const { releases } = loan;
        loan.holds++;
        if (loan.lease === undefined && !(await this.arrives(loan, options))) continue;
        if (!scoped || loan.releases === releases) return loan;
        void loan.letGo(); // release() was called while it was on its way
        throw new LeaseReleasedError(type, scope.owner);
      }
    } finally {
      scope.leave();
    }
  }

  /** A lease of a cache that somebody else took. One that has ended is forgotten with the next. */
  adopt(lease: CacheLease<unknown>, type: string): void {
    const over = this.all.filter(({ source, separate, ended }) => source === 'cache' && separate && ended);
    for (const loan of over) loan.drop();
    if (this.scope.serial === 0) this.scope.begin();
    const loan = new ScopeHold(type, { source: 'cache', key: lease.key, separate: true }, this.all);
    loan.lease = lease;
    loan.holds++;
  }

  /**
   * With the scope, the last taken first.
   *
   * @param unseen whether somebody may still use what is on loan: then it is not lent on
   */
  end(unseen: boolean): void {
    for (const { lease } of this.all.toReversed()) {
      if (lease === undefined) continue;
      if (!unseen) void lease.release();
      else if (lease instanceof CountedLease) void lease.abandon();
      else abandonLease(lease);
    }
  }

  private sharedFor(type: string, options: TryLoanOptions | undefined): ScopeHold | undefined {
    return options?.separate === true
      ? undefined
      : this.shared(options?.source ?? 'pool', type, options?.key);
  }

  /** @returns whether the loan has its resource; not when only the caller that began the acquisition gave up */
  private async arrives(loan: ScopeHold, options: LoanOptions | undefined): Promise<boolean> {
    const { scope } = this;
    const signal = options?.signal;
    const work = UseWork.current(scope);
    work?.waitBegan();
    const began = loan.pending === undefined;
    const pending = (loan.pending ??= this.take(loan, options));
    try {
      if (!began && signal !== undefined) {
        await settledOrAborted(pending, signal);
        if (signal.aborted) await scope.host.lender.lendTo(scope, loan.type, options); // the pool refuses it in its words
      }
      await pending;
      return true;
    } catch (error) {
      void loan.letGo();
      if (began || signal?.aborted === true || !isAbort(error)) throw error;
      return false;
    } finally {
      work?.waitEnded();
    }
  }

  private async take(loan: ScopeHold, options: LoanOptions | undefined): Promise<void> {
    const { lender } = this.scope.host;
    try {
      loan.lease =
        this.all.length === 1 && !this.scope.awaited
          ? await lender.lendTo(this.scope, loan.type, options)
          : await lender.lendMoreTo(this.scope, loan, options);
    } catch (error) {
      loan.drop();
      throw error;
    } finally {
      loan.pending = undefined;
    }
  }
}

function isAbort(error: unknown): boolean {
  return isError(error) && (error instanceof AcquireAbortedError || error instanceof CacheAbortedError);
}
