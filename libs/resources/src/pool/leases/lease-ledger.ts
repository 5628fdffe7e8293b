import type { UnitOfWork } from '../../hooks/loan-hooks.js';
import type { LeaseOrigin } from '../../policies/leases/lease-origins.js';
import type { RetireReason } from '../../reports/retire-reason.js';
import type { TurnTime } from '../../time/turn-time.js';
import type { Inventory } from '../inventory.js';
import type { PoolEvents } from '../pool-events.js';
import type { PoolTime } from '../pool-time.js';
import type { WaiterQueue } from '../queue/waiter-queue.js';
import type { Sizer } from '../sizing/sizer.js';
import type { Slot } from '../slots/slot.js';
import type { Housekeeper } from '../upkeep/housekeeper.js';
import type { RetirementSettings } from '../upkeep/retirement-options.js';
import type { ValidationSettings } from '../upkeep/validation-options.js';
import type { Validator } from '../upkeep/validator.js';
import { Abandoned, type AbandonedSettings } from './abandoned.js';
import { CollectedLeases } from './collected-leases.js';
import type { LeakSettings } from './leak-options.js';
import { LeakWatch } from './leak-watch.js';
import { type Lease, type LeaseHost, PoolLease } from './lease.js';

/** What a ledger goes by. */
export type LedgerSettings = LeakSettings &
  AbandonedSettings &
  ValidationSettings &
  Pick<RetirementSettings, 'predicate'>;

/** How a loan ends: `leaked` when it is taken back by force, `abandoned` when its work may go on. */
type LoanEnd = 'released' | 'leaked' | 'abandoned';

/** The pool that lends; implemented by the dispatcher. */
export interface LeaseLedgerHost<T> {
  readonly type: string;
  readonly events: PoolEvents;
  readonly inventory: Inventory<T>;
  readonly queue: Pick<WaiterQueue<T>, 'quota' | 'giveUnitBack'>;
  readonly validator: Pick<Validator<T>, 'afterLoan'>;
  readonly housekeeper: Pick<Housekeeper<T>, 'look' | 'retirements'>;
  /** Measures loans, where the size is found by measuring. */
  readonly sizer: Pick<Sizer, 'loanEnded'> | undefined;
  /** It is clean, and nobody holds it. */
  shelve(slot: Slot<T>): Promise<void>;
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void>;
  pump(): void;
}

/**
 * Begins and ends loans: makes the lease, counts, reports, watches for leases that don't come back, and says what an end means
 * for the resource. Given back, it goes to the next caller, once it is clean; broken, it retires, and so does one whose user may
 * still hold it; abandoned, it is held first.
 */
export class LeaseLedger<T> implements LeaseHost<T> {
  readonly type: string;
  /** Leases handed out since the start, a count. */
  began = 0;
  /** Leases that ended since the start, a count. */
  ended = 0;
  readonly leaks: LeakWatch<T>;
  private readonly events: PoolEvents;
  private readonly abandoned: Abandoned<T>;
  private collected: CollectedLeases<T> | undefined;

  constructor(
    private readonly host: LeaseLedgerHost<T>,
    private settings: LedgerSettings,
    private readonly time: PoolTime,
    private readonly turn: TurnTime,
  ) {
    this.type = host.type;
    this.events = host.events;
    this.leaks = new LeakWatch(host.type, settings, host.events);
    this.abandoned = new Abandoned(host, settings, time.clock);
    this.watchCollected(settings);
  }

  now(): number {
    return this.time.clock.now();
  }

  /** @param settings with the size in force */
  reconfigure(settings: LedgerSettings): void {
    this.settings = settings;
    this.leaks.reconfigure(settings);
    this.watchCollected(settings);
    this.abandoned.reconfigure(settings);
  }

  /** @param now as of this turn: for a report that will do */
  begin(
    slot: Slot<T>,
    owner: string,
    tenant: string,
    unit: UnitOfWork | undefined,
    now: number,
    origin?: LeaseOrigin,
  ): Lease<T> {
    // A lease that may be revoked for its age needs the exact time.
    const begun = this.settings.maxLeaseTime === Infinity ? now : this.time.clock.now();
    const lease = new PoolLease(this, slot, begun, owner, tenant, ++this.began, origin);
    slot.lease = lease;
    const { loans } = slot;
    if (loans !== undefined) loans.began(slot.resource, { owner, tenant, unit });
    if (this.events.observed) this.tell('acquired', lease);
    return this.collected === undefined ? lease : this.collected.watch(lease);
  }

  takeBack(lease: PoolLease<T>): Promise<void> {
    const { slot } = lease;
    this.end(lease, 'released');
    slot.uses++;
    const { settings, host } = this;
    const { validation, predicate } = settings;
    slot.idleSince = this.turn.now(); // too early rather than too late
    if (predicate !== undefined) host.housekeeper.retirements.returned(slot, this.time.clock.now());
    if (validation.onBorrow) slot.aliveAt = slot.idleSince;
    const cleans = slot.factory.reset !== undefined || validation.onReturn;
    return cleans && host.inventory.retireReasonFor(slot) === undefined
      ? host.validator.afterLoan(slot, settings)
      : host.shelve(slot);
  }

  takeBackBroken(lease: PoolLease<T>, reason: unknown): Promise<void> {
    this.end(lease, 'released');
    return this.host.retire(lease.slot, 'invalid', reason ?? lease.slot.cause);
  }

  /** Its work may go on unseen, so the resource is not lent on. One that is known to be dead goes at once. */
  abandon(lease: PoolLease<T>): void {
    const { slot } = lease;
    this.end(lease, 'abandoned');
    if (slot.retireReason === 'invalid') void this.host.retire(slot, 'invalid', slot.cause);
    else this.abandoned.hold(slot);
    this.host.pump();
  }

  /** Looks whether a lease has been held for too long. */
  look(lease: PoolLease<T>, now: number): void {
    const age = now - lease.acquiredAt;
    if (age >= this.settings.maxLeaseTime) this.overdue(lease);
    else this.leaks.look(lease, age);
  }

  /** Ends what is still on loan: the pool is at its end. */
  revokeAll(): void {
    for (const lease of this.host.inventory.leases()) if (!lease.ended) this.end(lease, 'leaked');
    this.abandoned.stop();
  }

  /** Its borrower is gone, or has had it for too long, and may still use the resource: so it is not lent on. */
  overdue(lease: PoolLease<T>): void {
    if (lease.ended) return;
    this.end(lease, 'leaked', true);
    void this.host.retire(lease.slot, 'leaked');
  }

  private watchCollected({ reclaimCollected }: LeakSettings): void {
    if (!reclaimCollected) this.collected = undefined;
    else this.collected ??= new CollectedLeases((lease) => this.time.ground.run(() => this.overdue(lease)));
  }

  private end(lease: PoolLease<T>, kind: LoanEnd, isTrouble = false): void {
    const { host, leaks, events } = this;
    const { slot } = lease;
    slot.lease = undefined;
    this.ended++;
    if (slot.loans !== undefined) slot.loans.ended(slot.resource);
    if (host.sizer !== undefined) this.measure(host.sizer, lease);
    if (leaks.suspects.size > 0) leaks.loanEnded(lease, kind === 'released');
    if (isTrouble || events.observed) this.tell(kind, lease, isTrouble);
    if (host.queue.quota !== undefined) host.queue.giveUnitBack(lease.tenant);
  }

  private measure(sizer: Pick<Sizer, 'loanEnded'>, { acquiredAt, slot }: PoolLease<T>): void {
    sizer.loanEnded(this.turn.now() - acquiredAt, { since: slot.idleSince, until: acquiredAt });
  }

  private tell(kind: 'acquired' | LoanEnd, { slot, owner }: PoolLease<T>, isTrouble = false): void {
    this.events.emit({ kind, type: this.type, resourceId: slot.id, owner }, isTrouble);
  }
}
