import type { CoDel } from '../../policies/queue/co-del.js';
import { TenantQuota } from '../../policies/queue/tenant-quota.js';
import type { QueueOrder } from '../../policies/queue/queue-order.js';
import { Deadline, type DeadlineWheel } from '../../time/deadline-wheel.js';
import type { TurnTime } from '../../time/turn-time.js';
import type { QueueSettings } from './queue-options.js';
import type { QuotaSettings } from './quota-options.js';
import type { Waiter } from './waiter.js';

/** Looks, once an interval, whether the queue stands still. */
class StallWatch extends Deadline {
  constructor(override readonly expire: () => void) {
    super();
  }
}

/**
 * The callers that wait. The queue's policies decide who is next, who is shed and whom the quota holds
 * back; this class brings them together. Whoever leaves, for whatever reason, leaves the deadline wheel and
 * the signal too. What becomes of callers that are not served is the dispatcher's business.
 */
export class WaiterQueue<T> {
  /** Whose units are taken by loans, too, where there is one. */
  quota: TenantQuota<Waiter<T>> | undefined;
  /** The callers that no quota holds back. */
  order: QueueOrder<Waiter<T>>;
  private coDel: CoDel | undefined;
  /** No waiter's deadline is later. Milliseconds of the clock. */
  latestDeadline = 0;
  private readonly stallWatch = new StallWatch(() => this.lookForStall());

  /** @param shed what to do with a caller that has left because the pool is overloaded */
  constructor(
    private readonly wheel: DeadlineWheel,
    private readonly turn: TurnTime,
    private settings: QueueSettings & QuotaSettings,
    private readonly shed: (waiter: Waiter<T>, waited: number) => void,
  ) {
    this.order = settings.createOrder();
    this.coDel = settings.coDel;
    if (settings.maxPerTenant !== Infinity) this.quota = new TenantQuota(settings.maxPerTenant);
  }

  /** Callers that wait, a count. */
  get size(): number {
    return this.order.size + (this.quota?.parked ?? 0);
  }

  /** Callers that a resource would serve now: those whom no quota holds back. A count. */
  get ready(): number {
    return this.order.size;
  }

  /** Callers that may wait, a count. */
  get maxWaiting(): number {
    return this.settings.maxWaiting;
  }

  /** Since when the first of them has been waiting, in milliseconds of the clock; `Infinity` when there are none. */
  get waitingSince(): number {
    return this.order.oldest?.queuedAt ?? Infinity;
  }

  /** @param tenants the tenants of the present loans */
  reconfigure(settings: QueueSettings & QuotaSettings, tenants: Iterable<string>): void {
    const { orderKey, maxPerTenant } = this.settings;
    this.settings = settings;
    this.coDel = settings.coDel;
    if (settings.maxPerTenant !== maxPerTenant) this.changeQuota(settings, tenants);
    else if (settings.orderKey !== orderKey) this.changeOrder(settings);
  }

  /** Whether one more caller of this tenant would have to wait for another of it. */
  holdsBack(tenant: string): boolean {
    return this.quota?.isSpent(tenant) ?? false;
  }

  add(waiter: Waiter<T>): void {
    this.wheel.begin(waiter, waiter.timeout);
    waiter.queuedAt = this.turn.now();
    const deadline = waiter.queuedAt + waiter.timeout;
    if (deadline > this.latestDeadline || this.order.size === 0) this.latestDeadline = deadline;
    this.enqueue(waiter);
    if (this.coDel === undefined || this.order.size > 1) return;
    this.coDel.queueHasBegun();
    this.watchForStall(this.coDel);
  }

  /** Takes out the one to serve next. */
  take(): Waiter<T> | undefined {
    const now = this.turn.now();
    for (;;) {
      const waiter = this.order.take(now);
      if (waiter === undefined) return undefined;
      this.leave(waiter);
      if (this.coDel?.sheds(now - waiter.queuedAt, now) !== true) return waiter;
      this.giveUnitBack(waiter.tenant);
      this.shed(waiter, now - waiter.queuedAt);
    }
  }

  /** @param waiter must be in this queue */
  remove(waiter: Waiter<T>): void {
    if (waiter.parked) {
      this.quota?.unpark(waiter);
    } else {
      this.order.remove(waiter);
      this.giveUnitBack(waiter.tenant);
    }
    this.leave(waiter);
  }

  /** A loan of this tenant is over, or will not be: who was held back for it may be served. */
  giveUnitBack(tenant: string): void {
    const next = this.quota?.giveBack(tenant);
    if (next === undefined) return;
    next.parked = false;
    this.order.add(next);
  }

  /** Takes out somebody, whoever it is. */
  takeAny(): Waiter<T> | undefined {
    let found: Waiter<T> | undefined;
    this.forEach((waiter) => (found ??= waiter));
    if (found !== undefined) this.remove(found);
    return found;
  }

  private forEach(visit: (waiter: Waiter<T>) => void): void {
    this.order.forEach(visit);
    this.quota?.forEachParked(visit);
  }

  private enqueue(waiter: Waiter<T>): void {
    if (this.quota === undefined || this.quota.take(waiter.tenant)) {
      waiter.parked = false;
      this.order.add(waiter);
    } else {
      waiter.parked = true;
      this.quota?.park(waiter);
    }
  }

  private leave(waiter: Waiter<T>): void {
    this.wheel.cancel(waiter);
    waiter.detach();
    if (this.coDel === undefined || this.order.size > 0) return;
    this.coDel.queueIsEmpty();
    this.wheel.cancel(this.stallWatch);
  }

  private changeOrder(settings: QueueSettings): void {
    const before = this.order;
    this.order = settings.createOrder();
    const now = this.turn.now();
    for (let waiter = before.take(now); waiter !== undefined; waiter = before.take(now)) {
      this.order.add(waiter);
    }
  }

  private changeQuota(settings: QueueSettings & QuotaSettings, tenants: Iterable<string>): void {
    const pending: Waiter<T>[] = [];
    this.forEach((waiter) => pending.push(waiter));
    pending.sort((a, b) => a.queuedAt - b.queuedAt);
    for (const waiter of pending) waiter.previous = waiter.next = undefined;
    this.order = settings.createOrder();
    this.quota = settings.maxPerTenant === Infinity ? undefined : new TenantQuota(settings.maxPerTenant);
    for (const tenant of tenants) this.quota?.takeAnyway(tenant);
    for (const waiter of pending) this.enqueue(waiter);
  }

  private watchForStall({ interval }: CoDel): void {
    this.wheel.cancel(this.stallWatch);
    this.wheel.begin(this.stallWatch, interval);
  }

  private lookForStall(): void {
    const { coDel, order } = this;
    if (coDel === undefined || order.size === 0) return;
    if (coDel.isStalled()) {
      const now = this.turn.now();
      order.forEach((waiter) => {
        const waited = now - waiter.queuedAt;
        if (!coDel.isTooLong(waited)) return;
        this.remove(waiter);
        this.shed(waiter, waited);
      });
    }
    this.watchForStall(coDel);
  }
}
