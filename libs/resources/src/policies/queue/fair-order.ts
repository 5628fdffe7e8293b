import { EntryList, firstQueued } from './entry-list.js';
import type { QueueEntry, QueueOrder } from './queue-order.js';

/** The entries of one tenant, itself an entry of the round. */
class TenantQueue<E extends QueueEntry<E>> extends EntryList<E> {
  previous: TenantQueue<E> | undefined = undefined;
  next: TenantQueue<E> | undefined = undefined;
}

/**
 * One from each tenant in turn, and within a tenant first come, first served: nobody waits behind another
 * tenant's thousand.
 */
export class FairOrder<E extends QueueEntry<E>> implements QueueOrder<E> {
  private readonly tenants = new Map<string, TenantQueue<E>>();
  /** The tenants that have entries, the next to be served first. */
  private readonly round = new EntryList<TenantQueue<E>>();
  size = 0;

  get oldest(): E | undefined {
    return firstQueued(this.tenants.values());
  }

  add(entry: E): void {
    let tenant = this.tenants.get(entry.tenant);
    if (tenant === undefined) {
      tenant = new TenantQueue();
      this.tenants.set(entry.tenant, tenant);
      this.round.add(tenant);
    }
    tenant.add(entry);
    this.size++;
  }

  take(): E | undefined {
    const tenant = this.round.head;
    const entry = tenant?.head;
    if (tenant === undefined || entry === undefined) return undefined;
    this.remove(entry);
    if (tenant.size > 0) {
      this.round.remove(tenant);
      this.round.add(tenant);
    }
    return entry;
  }

  remove(entry: E): void {
    const tenant = this.tenants.get(entry.tenant);
    if (tenant === undefined) return;
    tenant.remove(entry);
    this.size--;
    if (tenant.size > 0) return;
    this.round.remove(tenant);
    this.tenants.delete(entry.tenant);
  }

  forEach(visit: (entry: E) => void): void {
    for (const tenant of this.tenants.values()) tenant.forEach(visit);
  }
}
