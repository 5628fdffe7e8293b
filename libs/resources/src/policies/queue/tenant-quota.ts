import { EntryList } from './entry-list.js';
import type { QueueEntry } from './queue-order.js';

/** What one tenant or owner has: leases or places in the queue, and callers that wait for one of them. */
interface Account<E extends QueueEntry<E>> {
  taken: number;
  readonly parked: EntryList<E>;
}

/**
 * Most leases per tenant (a tenant or an owner) at a time. A caller that would exceed it is parked: it does not stand
 * in the queue, where it would keep others from being served, until one of its tenant's leases ends.
 */
export class TenantQuota<E extends QueueEntry<E>> {
  private readonly accounts = new Map<string, Account<E>>();
  /** Callers that wait for their own tenant, a count. */
  parked = 0;

  /** @param max most leases per tenant, at least 1 */
  constructor(readonly max: number) {}

  /** Takes one of the tenant's units. @returns whether there was one */
  take(tenant: string): boolean {
    let account = this.accounts.get(tenant);
    if (account === undefined) {
      account = { taken: 0, parked: new EntryList() };
      this.accounts.set(tenant, account);
    }
    if (account.taken >= this.max) return false;
    account.taken++;
    return true;
  }

  isSpent(tenant: string): boolean {
    const account = this.accounts.get(tenant);
    return account !== undefined && account.taken >= this.max;
  }

  /** Takes a unit whether there is one or not: of a loan that was there before the quota. */
  takeAnyway(tenant: string): void {
    if (this.take(tenant)) return;
    const account = this.accounts.get(tenant);
    if (account !== undefined) account.taken++;
  }

  park(entry: E): void {
    this.accounts.get(entry.tenant)?.parked.add(entry);
    this.parked++;
  }

  /** @param entry must be parked */
  unpark(entry: E): void {
    this.accounts.get(entry.tenant)?.parked.remove(entry);
    this.parked--;
  }

  /** Gives a unit back. @returns who was parked and has it now */
  giveBack(tenant: string): E | undefined {
    const account = this.accounts.get(tenant);
    if (account === undefined) return undefined;
    account.taken--;
    const next = account.taken < this.max ? account.parked.takeFirst() : undefined;
    if (next !== undefined) {
      account.taken++;
      this.parked--;
    } else if (account.taken === 0) {
      this.accounts.delete(tenant);
    }
    return next;
  }

  /** Visits all who are parked; the one that is visited may be unparked. */
  forEachParked(visit: (entry: E) => void): void {
    for (const { parked } of this.accounts.values()) parked.forEach(visit);
  }
}
