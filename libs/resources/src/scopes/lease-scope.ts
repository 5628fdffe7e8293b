import { inspect } from 'node:util';
import { describeName } from '../words/describe-name.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import { innerOf } from '../pool/leases/collected-leases.js';
import type { Lease } from '../pool/leases/lease.js';
import type { CacheLease } from '../cache/live/cache-lease.js';
import {
  type BorrowOptions,
  type LeaseSource,
  type LoanOptions,
  readBorrowOptions,
  type TryBorrowOptions,
  type TryLoanOptions,
} from './borrow-options.js';
import type { LoadTerms } from './load-terms.js';
import { HoldReference, type ScopeHold } from './scope-hold.js';
import { ScopeHolds, type ScopeHoldsHost } from './scope-holds.js';
import type { ScopeLender } from './scope-lender.js';
import type { ScopedWork } from './scoped-work.js';
import { UseWork } from './use-work.js';

/** What a scope needs of its coordinator. */
export interface ScopeHost {
  readonly lender: ScopeLender<LeaseScope>;
  /** Hears of the scopes that borrow. */
  readonly scopes: { began(scope: LeaseScope): void; ended(scope: LeaseScope): void };
  readonly draining: boolean;
}

let lastSerial = 0;

/**
 * One unit of work. It has one resource of a type (and key), shared by all its callers, and all its leases end with
 * it.
 *
 * A scope is held open by whatever still works in it: the work itself, every acquisition in
 * flight, every `use()`. When the last of them lets go, it ends and gives everything back, the last
 * taken first. Until something is borrowed it is a small object that nobody knows of, because most
 * requests borrow nothing.
 */
export class LeaseScope implements ScopedWork, ScopeHoldsHost<LeaseScope> {
  /** The nearest scope of another coordinator around it. One of its own that it hides is not kept alive. */
  readonly parent: LeaseScope | undefined;
  ended = false;
  /** Over HTTP, the framework's request. */
  request: unknown = undefined;
  working = 0;
  /** Sequence number among the scopes that borrow; 0 before it does. */
  serial = 0;
  /** Its place among the scopes that have begun: the registry's. */
  index = -1;
  /** Of a load, and of work that one has begun: what it may know of a request. */
  load: LoadTerms | undefined = undefined;
  /** How often it is kept open by {@link enter}. */
  private entered = 0;
  /** Made when something is asked for. */
  private ownHolds: ScopeHolds<LeaseScope> | undefined;

  /**
   * @param kind of work: `http`, `run`, `use`
   * @param ownPlace where the work is, such as `OrdersController.find`
   * @param parent the scope in which this one was opened, if any
   * @param late whether the work began after draining had: then it gets nothing
   */
  constructor(
    readonly host: ScopeHost,
    readonly kind: string,
    protected ownPlace: string,
    parent: LeaseScope | undefined,
    readonly late = host.draining,
  ) {
    let around = parent;
    while (around !== undefined && around.host === host) around = around.parent;
    this.parent = around;
  }

  get scope(): this {
    return this;
  }

  /** Where the work is. */
  get place(): string {
    return this.ownPlace;
  }

  set place(place: string) {
    this.ownPlace = place;
  }

  /** Who holds the scope's leases: place and kind. */
  get owner(): string {
    return `${this.place} (${this.kind})`;
  }

  /** Printing a request, or a context, shows whose work it is. */
  [inspect.custom](): string {
    return `${this.constructor.name} of ${describeName(this.owner)}`;
  }

  /** Whether its work is over, apart from what keeps it open by {@link enter}. Kinds of work that can tell override this. */
  protected get over(): boolean {
    return true;
  }

  /** Whether others may wait for its work while they hold something. */
  get awaited(): boolean {
    return false;
  }

  /** Whether some of its work may go on at its end, and can't be seen. Then what it holds is not lent on. */
  protected get unseen(): boolean {
    return false;
  }

  /** Its work has thrown, which may have been fatal for anything that it holds. */
  workFailed(error: unknown): void {
    this.ownHolds?.workFailed(error);
  }

  /** What it has borrowed, or is about to. */
  get holds(): ScopeHolds<LeaseScope> {
    this.ownHolds ??= new ScopeHolds<LeaseScope>(this);
    return this.ownHolds;
  }

  /** Whether leases can still be had and used in it. */
  get open(): boolean {
    return !this.ended && (this.entered > 0 || !this.over);
  }

  /** Keeps the scope open until {@link leave}. */
  enter(): void {
    this.entered++;
  }

  leave(): void {
    this.entered--;
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
  async acquire(type: string, options?: LoanOptions): Promise<unknown> {
    const asked = readBorrowOptions(options, type);
    const hold = this.idleHold(type, asked) ?? (await this.holds.acquire(type, asked, true));
    hold.keep();
    return hold.lease?.resource;
  }

  /**
   * Takes this scope's resource of a type if that needs no waiting.
   *
   * @returns whether the scope has it now
   * @throws LeaseReleasedError when the scope has ended
   */
  tryAcquire(type: string, options?: TryLoanOptions): boolean {
    const hold = this.holds.tryAcquire(type, readBorrowOptions(options, type));
    hold?.keep();
    return hold !== undefined;
  }

  /**
   * A lease of this scope's resource for one caller, to be ended by that caller: the resource goes back when nobody else in the
   * scope holds it. With `separate`, a resource that nobody else has.
   *
   * @throws as {@link acquire}
   */
  async borrow(type: string, options?: BorrowOptions): Promise<HoldReference> {
    const asked = options === undefined ? undefined : readBorrowOptions(options, type);
    const idle = asked?.signal === undefined ? this.holds.tryAcquire(type, asked) : undefined;
    const hold = idle ?? (await this.holds.acquire(type, asked, false));
    return new HoldReference(hold, asked?.owner ?? this.owner);
  }

  /** Like {@link borrow}, if that needs no waiting. */
  tryBorrow(type: string, options?: TryBorrowOptions): Lease<unknown> | undefined {
    const asked = readBorrowOptions(options, type);
    const hold = this.holds.tryAcquire(type, asked);
    return hold && new HoldReference(hold, asked?.owner ?? this.owner);
  }

  /** Runs work with the resource, and holds the scope open until it is done. */
  async use<R>(
    type: string,
    work: (lease: HoldReference) => R | PromiseLike<R>,
    options?: LoanOptions,
  ): Promise<R> {
    this.enter();
    try {
      const asked = readBorrowOptions(options, type);
      const hold = this.idleHold(type, asked) ?? (await this.holds.acquire(type, asked, false));
      const lease = new HoldReference(hold, asked?.owner ?? this.owner);
      try {
        return await new UseWork(this).run(() => work(lease));
      } catch (error) {
        this.holds.workFailed(error, [hold]);
        throw error;
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
  resource(source: LeaseSource, type: string, key?: string): unknown {
    const lease = this.ownHolds?.latest(source, type, key)?.lease;
    if (lease !== undefined) return lease.resource;
    if (!this.open) throw new LeaseReleasedError(type, this.owner);
    throw NoLeaseScopeError.notAcquired(type, this.owner);
  }

  /** The scoped lease lets go; an acquisition in flight that it waits for brings it nothing. The next `acquire` starts anew. */
  async release(source: LeaseSource, type: string, key?: string): Promise<void> {
    await this.ownHolds?.shared(source, type, key)?.release();
  }

  /** What the scoped lease has is broken, for all in the scope. The next `acquire` takes another. */
  async invalidate(
    source: LeaseSource,
    type: string,
    key: string | undefined,
    reason: unknown,
  ): Promise<void> {
    await this.ownHolds?.shared(source, type, key)?.invalidate(reason);
  }

  /** Makes a lease of a type's cache that it did not take end with it at the latest. */
  adopt(lease: CacheLease<unknown>, type: string): void {
    this.holds.adopt(lease, type);
  }

  /** What has this resource on loan for the scope, the latest of it. */
  holdOf(resource: unknown): ScopeHold | undefined {
    return this.ownHolds?.all.findLast((hold) => hold.lends(resource));
  }

  /** Whether this lease belongs to the scope. */
  owns(lease: Lease<unknown>): boolean {
    return (
      this.ownHolds?.all.some((hold) => hold.lease !== undefined && innerOf(hold.lease) === lease) === true
    );
  }

  /** Ends the scope when nothing keeps it open any more. */
  endIfOver(): void {
    if (this.ended || this.entered > 0 || !this.over) return;
    this.end();
  }

  /** Makes it known. Called once, before its first acquisition. */
  begin(): void {
    this.serial = ++lastSerial;
    this.host.scopes.began(this);
  }

  protected get begun(): boolean {
    return this.serial > 0;
  }

  /** What is idle at once; a signal may have been aborted before. */
  private idleHold(type: string, options: LoanOptions | undefined): ScopeHold | undefined {
    return options?.signal === undefined ? this.holds.tryAcquire(type, options) : undefined;
  }

  protected end(): void {
    this.ended = true;
    if (!this.begun) return;
    this.ownHolds?.end(this.unseen);
    this.ownHolds = undefined;
    this.host.scopes.ended(this);
  }
}
