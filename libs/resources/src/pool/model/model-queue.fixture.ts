import type { Caller, Order } from '../queue/queue-orders.fixture.js';

/** When a caller was served, and which tenants had all they may have by then. */
interface Service {
  readonly at: number;
  readonly spent: ReadonlySet<string>;
}

/** Who waits, and whose turn it is, by the model's account. */
export class ModelQueue {
  /** In the order in which they came. */
  readonly waiting = new Set<Caller>();
  /** Those among them who have been served since the last check, in that order. */
  private readonly served = new Map<Caller, Service>();
  /** The tenants of those who were told of a failed creation since then. */
  private readonly told = new Set<string>();
  /** The last turn of each tenant. */
  private readonly turns = new Map<string, number>();
  private moments = 0;

  /** @param allowance how many leases more this tenant may have, a count */
  constructor(private readonly allowance: (tenant: string) => number) {}

  /** Those whom no quota holds back, a count. */
  get ready(): number {
    const tenants = new Set([...this.waiting].map(({ tenant }) => tenant));
    return [...tenants].reduce((sum, tenant) => sum + this.readyOf(tenant), 0);
  }

  /**
   * Those who would depend on somebody's return if one more of this tenant came, or 0 if that one would not. A count.
   *
   * @param free places that nobody holds, a count
   */
  dependent(tenant: string, free: number): number {
    const { ready } = this;
    const heldBack = this.readyOf(tenant) >= this.allowance(tenant);
    if (!heldBack && ready < free) return 0;
    return this.waiting.size - Math.min(ready, free) + 1;
  }

  add(asked: Omit<Caller, 'came'>): Caller {
    const caller = { ...asked, came: this.moments++ };
    this.waiting.add(caller);
    return caller;
  }

  serve(caller: Caller, at: number): void {
    const spent = [...this.waiting].filter(({ tenant }) => this.allowance(tenant) === 0);
    this.served.set(caller, { at, spent: new Set(spent.map(({ tenant }) => tenant)) });
  }

  /** @returns whether it was waiting still */
  refuse(caller: Caller): boolean {
    return !this.served.has(caller) && this.waiting.delete(caller);
  }

  /** A failed creation counts as this tenant's turn. */
  tellFailure({ tenant }: Caller): void {
    this.told.add(tenant);
  }

  /** @returns whether those who were served since the last check were served in their order */
  settle(order: Order): boolean {
    const { waiting, served, told, turns } = this;
    for (const [caller, { at, spent }] of served) {
      const eligible = [...waiting].filter(({ tenant }) => !spent.has(tenant));
      if (!order(caller, eligible, at, turns, told)) return false;
      waiting.delete(caller);
      turns.set(caller.tenant, this.moments++);
    }
    for (const tenant of told) turns.set(tenant, this.moments++);
    served.clear();
    told.clear();
    return true;
  }

  private readyOf(tenant: string): number {
    const callers = [...this.waiting].filter((caller) => caller.tenant === tenant);
    return Math.min(callers.length, this.allowance(tenant));
  }
}
