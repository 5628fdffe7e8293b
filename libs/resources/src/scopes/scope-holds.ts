import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { CacheAbortedError } from '../errors/cache-aborted-error.js';
import { isError } from '../errors/describe-cause.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { abandonLease } from '../pool/leases/collected-leases.js';
import type { Lease } from '../pool/leases/lease.js';
import { type LoanOptions, readBorrowOptions, type TryLoanOptions } from './borrow-options.js';
import { UseWork } from './current-scope.js';
import type { LeaseScope } from './lease-scope.js';
import { ScopeHold } from './scope-hold.js';
import { settledOrAborted } from './settled-or-aborted.js';

/** Under which the leases stand that the scope did not take itself. No type can have this name. */
const ADOPTED = '';

/**
 * What one scope has borrowed, or is about to: one loan of a type (and key) for all who ask, besides the separate ones. It
 * begins the acquisitions, and lets later callers join them; until when a scope lives is the scope's.
 */
export class ScopeHolds {
  /** In the order in which they were asked for. */
  readonly all: ScopeHold[] = [];

  constructor(private readonly scope: LeaseScope) {}

  /** The loan that all who ask for a type share, if there is one. */
  shared(type: string, key: string | undefined, cached: boolean): ScopeHold | undefined {
    return this.all.find((loan) => isShared(loan, type, key, cached) && !loan.ended);
  }

  /** The same, even if something else than the scope has ended it. */
  latest(type: string, key: string | undefined, cached: boolean): ScopeHold | undefined {
    return this.all.findLast((loan) => isShared(loan, type, key, cached));
  }

  /** Waits for a resource and counts one more who holds it. @param scoped whether for the scoped lease */
  async hold(type: string, given: LoanOptions | undefined, scoped: boolean): Promise<ScopeHold> {
    const { scope } = this;
    const options = readBorrowOptions(given, type);
    if (!scope.open) throw new LeaseReleasedError(type, scope.owner);
    scope.enter();
    try {
      for (;;) {
        const loan = this.sharedFor(type, options) ?? this.add(type, options);
        const { releases } = loan;
        loan.hold();
        if (loan.lease === undefined && !(await this.arrives(loan, options))) continue;
        if (!scoped || loan.releases === releases) return loan;
        void loan.letGo(); // release() was called while it was on its way
        throw new LeaseReleasedError(type, scope.owner);
      }
    } finally {
      scope.leave();
    }
  }

  /** The same, if it needs no waiting. */
  tryHold(type: string, given: TryLoanOptions | undefined): ScopeHold | undefined {
    const { scope } = this;
    const options = readBorrowOptions(given, type);
    if (!scope.open) throw new LeaseReleasedError(type, scope.owner);
    let loan = this.sharedFor(type, options);
    if (loan === undefined) {
      const lease = scope.host.borrowing.tryLendTo(scope, type, options);
      if (lease === undefined) return undefined;
      loan = this.add(type, options);
      loan.lease = lease;
      if (this.all.length > 1) scope.host.borrowing.watch(scope);
    }
    if (loan.lease === undefined) return undefined; // it is on its way
    loan.hold();
    return loan;
  }

  /** A lease that somebody else took. One that has ended is forgotten with the next. */
  adopt(lease: Lease<unknown>): void {
    for (const loan of this.all.filter(({ type, ended }) => type === ADOPTED && ended)) loan.drop();
    const loan = this.add(ADOPTED, { separate: true, cached: true });
    loan.lease = lease;
    loan.hold();
  }

  /**
   * With the scope, the last taken first.
   *
   * @param unseen whether somebody may still use what is on loan: then it is not lent on
   */
  end(unseen: boolean): void {
    for (const { lease } of this.all.toReversed()) {
      if (lease === undefined) continue;
      if (unseen) abandonLease(lease);
      else void lease.release();
    }
  }

  private sharedFor(type: string, options: TryLoanOptions | undefined): ScopeHold | undefined {
    return options?.separate === true ? undefined : this.shared(type, options?.key, options?.cached === true);
  }

  private add(type: string, options: TryLoanOptions | undefined): ScopeHold {
    this.scope.ensureBegun();
    const { key, separate = false, cached = false } = options ?? {};
    return new ScopeHold(type, key, separate, cached, this.all);
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
        if (signal.aborted) await scope.host.borrowing.lendTo(scope, loan.type, options); // the pool refuses it in its words
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
    const { borrowing } = this.scope.host;
    try {
      loan.lease =
        this.all.length === 1 && !this.scope.awaited
          ? await borrowing.lendTo(this.scope, loan.type, options)
          : await borrowing.lendMoreTo(this.scope, loan, options);
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

function isShared(loan: ScopeHold, type: string, key: string | undefined, cached: boolean): boolean {
  return loan.type === type && loan.key === key && loan.cached === cached && !loan.separate;
}
