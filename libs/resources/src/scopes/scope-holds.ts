import { type CacheLease, CountedLease } from '../cache/live/cache-lease.js';
import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { CacheAbortedError } from '../errors/cache/cache-aborted-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { abandonLease } from '../pool/leases/collected-leases.js';
import type { LeaseSource, LoanOptions, TryLoanOptions } from './borrow-options.js';
import { pinnedIn } from './pinned-hold.js';
import { ScopeHold } from './scope-hold.js';
import type { ScopeLender } from './scope-lender.js';
import type { WorkingScope } from './scoped-work.js';
import { settledOrAborted } from './settled-or-aborted.js';
import { UseWork } from './use-work.js';
import { isA } from '../words/is-a.js';

/** The scope whose holds they are; implemented by `LeaseScope`. */
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
 * What one scope has borrowed, or is about to: one hold of a type (and key) for all callers, besides the separate ones. It
 * begins the acquisitions, and lets later callers join them; until when a scope lives is the scope's.
 */
export class ScopeHolds<Scope extends ScopeHoldsHost<Scope>> {
  /** In the order in which they were asked for. */
  readonly all: ScopeHold[] = [];
  /** How many pieces of work in the scope are bound to a hold now. A count. */
  pins = 0;

  constructor(private readonly scope: Scope) {}

  /** The hold that all callers of a type share, if there is one. */
  shared(source: LeaseSource, type: string, key: string | undefined): ScopeHold | undefined {
    if (this.pins > 0) {
      const pinned = this.pinned(source, type, key);
      if (pinned !== undefined) return pinned;
    }
    return this.all.find((hold) => hold.isShared(source, type, key) && !hold.ended);
  }

  /** The latest hold that callers of a type share, even if something other than the scope has ended it. */
  latest(source: LeaseSource, type: string, key: string | undefined): ScopeHold | undefined {
    if (this.pins > 0) {
      const pinned = this.pinned(source, type, key);
      if (pinned !== undefined) return pinned;
    }
    // A loop, because every request that borrows asks.
    for (let index = this.all.length - 1; index >= 0; index--) {
      const hold = this.all[index];
      if (hold?.isShared(source, type, key)) return hold;
    }
    return undefined;
  }

  /** One more holder of a resource, if that needs no waiting. @param options as they were read */
  tryAcquire(type: string, options: TryLoanOptions | undefined): ScopeHold | undefined {
    const { scope, all } = this;
    if (!scope.open) throw new LeaseReleasedError(type, scope.owner);
    let hold = all.length === 0 && this.pins === 0 ? undefined : this.sharedFor(type, options);
    if (hold === undefined) {
      const lease = scope.host.lender.tryLendTo(scope, type, options);
      if (lease === undefined) return undefined;
      if (scope.serial === 0) scope.begin();
      hold = new ScopeHold(type, options, all);
      hold.lease = lease;
      if (all.length > 1) scope.host.lender.watch(scope);
    }
    if (hold.lease === undefined) return undefined; // it is on its way
    hold.holders++;
    return hold;
  }

  /** One more holder of a resource, as soon as it is there. @param scoped whether it is the scoped lease */
  async acquire(type: string, options: LoanOptions | undefined, scoped: boolean): Promise<ScopeHold> {
    const { scope } = this;
    if (!scope.open) throw new LeaseReleasedError(type, scope.owner);
    scope.enter();
    try {
      for (;;) {
        if (scope.serial === 0) scope.begin();
        const hold = this.sharedFor(type, options) ?? new ScopeHold(type, options, this.all);
        const { releases } = hold;
        hold.holders++;
        if (hold.lease === undefined && !(await this.arrives(hold, options))) continue;
        if (!scoped || hold.releases === releases) return hold;
        void hold.letGo(); // release() was called while it was on its way
        throw new LeaseReleasedError(type, scope.owner);
      }
    } finally {
      scope.leave();
    }
  }

  /** A lease of a cache that somebody else took. One that has ended is forgotten with the next. */
  adopt(lease: CacheLease<unknown>, type: string): void {
    const over = this.all.filter(({ source, separate, ended }) => source === 'cache' && separate && ended);
    for (const hold of over) hold.drop();
    if (this.scope.serial === 0) this.scope.begin();
    const hold = new ScopeHold(type, { source: 'cache', key: lease.key, separate: true }, this.all);
    hold.lease = lease;
    hold.holders++;
  }

  /**
   * With the scope, the last taken first.
   *
   * @param unseen whether somebody may still use what is on loan: then it is not lent on
   */
  end(unseen: boolean): void {
    for (let i = this.all.length - 1; i >= 0; i--) {
      const lease = this.all[i]?.lease;
      if (lease === undefined) continue;
      if (!unseen) void lease.release();
      else if (lease instanceof CountedLease) void lease.abandon();
      else abandonLease(lease);
    }
  }

  /** Work has thrown. @param holds with which it was */
  workFailed(error: unknown, holds: readonly ScopeHold[] = this.all.slice()): void {
    for (const hold of holds) {
      if (hold.failure !== undefined && Object.is(hold.failure.error, error)) continue;
      hold.failure = { error };
      this.scope.host.lender.workFailed(hold, error);
    }
  }

  /** @throws LeaseReleasedError when the code now running is bound to a hold that has ended: with another it would do what it must not */
  private sharedFor(type: string, options: TryLoanOptions | undefined): ScopeHold | undefined {
    if (options?.separate === true) return undefined;
    const hold = this.shared(options?.source ?? 'pool', type, options?.key);
    if (hold?.ended === true) throw new LeaseReleasedError(type, this.scope.owner);
    return hold;
  }

  private pinned(source: LeaseSource, type: string, key: string | undefined): ScopeHold | undefined {
    return pinnedIn(this.scope, (hold) => hold.type === type && hold.key === key && hold.source === source);
  }

  /** @returns whether the hold has its resource; not when only the caller that began the acquisition gave up */
  private arrives(hold: ScopeHold, options: LoanOptions | undefined): Promise<boolean> {
    if (hold.pending !== undefined) return this.join(hold, hold.pending, options);
    hold.pending = this.take(hold, options);
    return hold.pending;
  }

  /** Begins the acquisition, for all who ask meanwhile. By callbacks: in a request, a promise costs as much as all that is done here. */
  private take(hold: ScopeHold, options: LoanOptions | undefined): Promise<true> {
    const { scope, all } = this;
    const { lender } = scope.host;
    const work = UseWork.current(scope);
    work?.waitBegan();
    const lent =
      all.length === 1 && !scope.awaited
        ? lender.lendTo(scope, hold.type, options)
        : lender.lendMoreTo(scope, hold, options);
    const over = (): void => {
      hold.pending = undefined;
      work?.waitEnded();
    };
    return lent.then(
      (lease) => {
        hold.lease = lease;
        over();
        return true;
      },
      (error: unknown) => {
        hold.drop();
        over();
        void hold.letGo();
        throw error;
      },
    );
  }

  /** Waits for what another caller has begun. */
  private async join(
    hold: ScopeHold,
    pending: Promise<true>,
    options: LoanOptions | undefined,
  ): Promise<boolean> {
    const { scope } = this;
    const signal = options?.signal;
    const work = UseWork.current(scope);
    work?.waitBegan();
    try {
      if (signal !== undefined) {
        await settledOrAborted(pending, signal);
        if (signal.aborted) await scope.host.lender.lendTo(scope, hold.type, options); // the pool refuses it in its words
      }
      return await pending;
    } catch (error) {
      void hold.letGo();
      if (signal?.aborted === true || !isAbort(error)) throw error;
      return false;
    } finally {
      work?.waitEnded();
    }
  }
}

function isAbort(error: unknown): boolean {
  return isA(error, AcquireAbortedError) || isA(error, CacheAbortedError);
}
