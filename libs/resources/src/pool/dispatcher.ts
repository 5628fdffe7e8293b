import { PoolClosedError } from '../errors/pool-closed-error.js';
import type { PoolStats } from '../reports/pool-stats.js';
import type { RetireReason } from '../reports/retire-reason.js';
import type { Clock } from '../time/clock.js';
import { TurnTime } from '../time/turn-time.js';
import type { InService } from './in-service.js';
import { Validator, type ValidatorHost } from './upkeep/validator.js';
import { KeepAlive, type KeepAliveHost } from './upkeep/keep-alive.js';
import { type Lease, NOTHING_TO_WAIT_FOR, type PoolLease } from './leases/lease.js';
import type { LeaseLedger } from './leases/lease-ledger.js';
import { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import { QuietWatch } from './quiet-watch.js';
import type { ResourceFactory } from './factory/resource-factory.js';
import { Returns, type ReturnsHost } from './leases/returns.js';
import type { Slot } from './slots/slot.js';
import { Inventory } from './inventory.js';
import type { InventoryHost } from './inventory-host.js';
import type { Demand } from './creation/replenisher.js';
import type { Borrower } from './queue/waiter.js';
import { WaiterQueue } from './queue/waiter-queue.js';
import { PendingAcquires, type PendingAcquiresHost } from './queue/pending-acquires.js';

/**
 * Brings callers and resources together. Its invariant: nobody waits while a resource is idle or a
 * place is free, unless the pool is paused. Whatever makes a resource or a place free ends in `pump`.
 */
export class Dispatcher<T>
  implements ReturnsHost<T>, PendingAcquiresHost, InventoryHost<T>, ValidatorHost<T>, KeepAliveHost<T>
{
  readonly events: PoolEvents;
  readonly inventory: Inventory<T>;
  paused = false;
  /** Takes no more callers: draining or closed. */
  refusing = false;

  private readonly clock: Clock;
  private readonly turn: TurnTime;
  private readonly queue: WaiterQueue<T>;
  private readonly pending: PendingAcquires<T>;
  readonly quiet: QuietWatch;
  private readonly validator: Validator<T>;
  private readonly keptAlive = new KeepAlive<T>(this);
  private readonly loans: LeaseLedger<T>;
  private readonly returns: Returns<T>;

  constructor(
    readonly type: string,
    factory: ResourceFactory<T>,
    private settings: PoolSettings,
    time: PoolTime,
    inService: InService,
  ) {
    const { clock } = time;
    this.clock = clock;
    this.events = new PoolEvents(time.ground);
    this.turn = new TurnTime(clock);
    this.queue = new WaiterQueue(time.wheel, this.turn, settings, (waiter, waited) =>
      this.pending.shed(waiter, waited),
    );
    this.pending = new PendingAcquires(this.queue, this.events, this);
    this.quiet = new QuietWatch(clock, () => this.queue.size === 0 && this.inventory.slots.allIdle);
    this.validator = new Validator(this, time);
    this.inventory = new Inventory(type, factory, settings, time, this.events, this, inService);
    this.returns = new Returns(this, settings, this.queue, this.validator, time, this.turn);
    this.loans = this.returns.loans;
  }

  /** Callers that depend on somebody's return, if one more of this tenant would, too; else 0. A count. */
  dependent(tenant: string): number {
    const { queue, inventory } = this;
    const { slots } = inventory;
    const held = slots.size - slots.idle - this.validator.inFlight;
    const free = this.paused ? 0 : Math.max(0, inventory.attainable - held);
    if (queue.ready < free && !queue.holdsBack(tenant)) return 0;
    return queue.size - Math.min(queue.ready, free) + 1;
  }

  reconfigure(settings: PoolSettings, factory: ResourceFactory<T>): void {
    this.queue.reconfigure(
      settings,
      this.inventory.leases().map(({ tenant }) => tenant),
    );
    this.loans.reconfigure(settings);
    this.settings = this.loans.sized(settings);
    this.returns.reconfigure(this.settings);
    this.inventory.reconfigure(this.settings, factory);
    this.pump();
  }

  /** Lends an idle resource now, or not at all. */
  lendIdle(owner: string, tenant: string): Lease<T> | undefined {
    if (this.paused || this.refusing || this.queue.ready > 0) return undefined;
    const { inventory } = this;
    if (inventory.slots.idle === 0) return undefined;
    const slot = inventory.nextIdle(this.turn.now());
    if (slot === undefined || this.mustProveItself(slot) || !this.queue.admits(tenant)) return undefined;
    inventory.slots.takeIdle(slot);
    return this.loans.begin(slot, owner, tenant, this.loans.trace());
  }

  /** @param limit most milliseconds to wait */
  wait(borrower: Borrower, limit: number, signal: AbortSignal | undefined): Promise<Lease<T>> {
    const pending = this.pending.join(borrower, this.loans.trace(), limit, signal);
    this.pump();
    return pending;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.pump();
  }

  /** Takes no more callers and waits for the rest. @param limit most milliseconds */
  async drain(limit: number): Promise<void> {
    this.refusing = true;
    this.inventory.replenisher.refuse();
    await this.quiet.wait(limit);
    this.pending.dismissAll();
    this.inventory.replenisher.runDown();
  }

  /** Revokes what is still on loan and destroys everything. */
  async end(): Promise<void> {
    this.returns.revokeAll();
    const gone = this.inventory.end(new PoolClosedError(this.type, 'a creation in flight', this.stats()));
    this.quiet.check();
    await gone;
  }

  stats(): PoolStats {
    const { min, max } = this.settings;
    return {
      min,
      max,
      ...this.inventory.counts(),
      pending: this.queue.size,
      acquired: this.loans.began,
      released: this.loans.ended,
      timeouts: this.pending.timeouts,
    };
  }

  demand(): Demand {
    const { queue, arriving } = this;
    if (this.paused || queue.ready === 0) return { waiting: 0, arriving, since: Infinity };
    return { waiting: queue.ready, arriving, since: queue.waitingSince };
  }

  heldDied(slot: Slot<T>, cause: unknown): void {
    void this.retire(slot, 'invalid', cause);
  }

  look(lease: PoolLease<T>, now: number): void {
    this.loans.look(lease, now);
  }

  arrived(slot: Slot<T>): void {
    void this.handOver(slot, slot.createdAt);
  }

  wants(at: number): boolean {
    return this.queue.ready >= this.arriving && this.queue.latestDeadline > at;
  }

  creationFailed(cause: unknown): void {
    this.pending.creationFailed(cause, this.arriving, this.inventory.replenisher.suspendedFor);
    this.pump();
  }

  dismissed(): void {
    this.quiet.check();
  }

  get lastCreationError(): Error | undefined {
    return this.inventory.replenisher.lastError;
  }

  /** Resources that will come to the queue by themselves, a count. */
  private get arriving(): number {
    return this.inventory.replenisher.creating + this.validator.inFlight;
  }

  /** Serves callers from idle resources and starts the creations that the rest needs. */
  pump(): void {
    const { queue, inventory } = this;
    if (queue.ready === 0 || this.paused) return;
    while (queue.ready > 0 && inventory.slots.idle > 0) {
      const slot = inventory.nextIdle(this.turn.now());
      if (slot === undefined) break;
      if (!this.mustProveItself(slot)) {
        inventory.slots.takeIdle(slot);
        if (!this.serve(slot)) inventory.slots.addIdle(slot);
      } else if (this.validator.validating < queue.ready) {
        inventory.slots.takeIdle(slot);
        void this.validator.beforeLoan(slot, this.settings);
      } else break;
    }
    while (inventory.replenisher.createForCaller());
    if (inventory.inService === 0) this.refuseHopeless();
  }

  /** Tells callers at once whom only a creation could serve while creation is suspended. */
  private refuseHopeless(): void {
    const { replenisher } = this.inventory;
    while (this.queue.ready > 0 && this.arriving === 0 && replenisher.suspended) {
      this.pending.refuse((owner) => replenisher.refusal(owner));
    }
  }

  /** @returns false when the queue had only callers that it shed */
  private serve(slot: Slot<T>): boolean {
    const waiter = this.queue.take();
    if (waiter === undefined) return false;
    waiter.resolve(this.loans.begin(slot, waiter.owner, waiter.tenant, waiter.origin, waiter.queuedAt));
    return true;
  }

  private mustProveItself(slot: Slot<T>): boolean {
    const { validation } = this.settings;
    if (!validation.onBorrow) return slot.aliveAt === -Infinity;
    return validation.isDue(slot.aliveAt, this.clock.now());
  }

  /** Puts a resource that nobody holds where it belongs: to the next caller, on the stack, or out. */
  shelve(slot: Slot<T>, rested = false): Promise<void> {
    const { inventory } = this;
    const reason = inventory.retireReasonFor(slot);
    if (reason !== undefined) return this.retire(slot, reason, slot.cause);
    if (this.queue.ready > 0) this.offer(slot);
    else if (rested) inventory.slots.addRested(slot);
    else inventory.slots.addIdle(slot);
    if (this.quiet.watched) this.quiet.check();
    return NOTHING_TO_WAIT_FOR;
  }

  /** Hands a resource straight to the next caller, if it needs no proof and there is one. */
  private offer(slot: Slot<T>): void {
    const fit = !this.paused && slot.expiresAt > this.turn.now() && !this.mustProveItself(slot);
    if (fit && this.serve(slot)) return;
    this.inventory.slots.addIdle(slot);
    this.pump();
  }

  /**
   * The same for one that has just proved itself, but straight to the next caller: from the idle ones,
   * a bypass of 0 would ask for the next proof at once.
   */
  handOver(slot: Slot<T>, now: number, rested = false): Promise<void> {
    slot.aliveAt = now;
    const fit = !this.paused && slot.expiresAt > now && this.inventory.retireReasonFor(slot) === undefined;
    if (!fit || !this.serve(slot)) return this.shelve(slot, rested);
    this.pump();
    return NOTHING_TO_WAIT_FOR;
  }

  /** Whoever waits for a resource that goes instead of coming needs another. */
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void> {
    const gone = this.inventory.retire(slot, reason, cause);
    this.pump();
    this.quiet.check();
    return gone;
  }

  swept(now: number): void {
    this.findSize(now);
    if (this.mayKeepAlive) this.keptAlive.round(this.inventory.slots, this.settings.validation, now);
  }

  get mayKeepAlive(): boolean {
    return !this.paused && !this.refusing;
  }

  keepAlive(slot: Slot<T>): Promise<void> {
    this.inventory.slots.takeIdle(slot);
    return this.validator.whileIdle(slot, this.settings);
  }

  /** The policy of sizing may want another size. */
  private findSize(now: number): void {
    const { slots } = this.inventory;
    if (!this.loans.findSize(now, this.queue.size, slots.inService - slots.idle)) return;
    this.settings = this.loans.sized(this.settings);
    this.returns.reconfigure(this.settings);
    this.inventory.resize(this.settings);
    this.pump();
  }
}
