import { describeName } from '../../words/describe-name.js';
import { LeaseOrigins } from '../../policies/leases/lease-origins.js';
import type { LeakSettings } from './leak-options.js';
import type { PoolLease } from './lease.js';
import type { LeakEvent } from '../../reports/pool-event.js';
import type { PoolEvents } from '../pool-events.js';

/** The name of a process warning about a lease that nobody listens for. */
const WARNING = 'LeakWarning';

/**
 * Finds leases that don't come back: warns once when one is held for too long (HikariCP's
 * `leakDetectionThreshold`), says so when it comes back after all, and remembers where leases were acquired. What
 * happens to such a lease is not its business.
 */
export class LeakWatch<T> {
  origins = new LeaseOrigins('off');
  /** The leases that were warned of and have not ended. */
  readonly suspects = new Set<PoolLease<T>>();

  constructor(
    private readonly type: string,
    private settings: LeakSettings,
    private readonly events: PoolEvents,
  ) {
    this.reconfigure(settings);
  }

  reconfigure(settings: LeakSettings): void {
    this.settings = settings;
    this.origins = new LeaseOrigins(settings.stack);
  }

  /** To be called from time to time with every loan. */
  look(lease: PoolLease<T>, age: number): void {
    if (age < this.settings.warnAfter || this.suspects.has(lease)) return;
    this.suspects.add(lease);
    const { owner, origin, slot } = lease;
    this.tell({
      kind: 'leakSuspected',
      type: this.type,
      resourceId: slot.id,
      owner,
      age,
      stack: origin?.stack,
    });
  }

  /** @param returned whether it came back by itself */
  loanEnded(lease: PoolLease<T>, returned: boolean): void {
    if (!this.suspects.delete(lease) || !returned) return;
    const { owner, age, slot } = lease;
    this.tell({ kind: 'leakReturned', type: this.type, resourceId: slot.id, owner, age });
  }

  private tell(event: LeakEvent): void {
    if (this.events.observed) return this.events.emit(event);
    const { kind, type, owner, age } = event;
    const held = `a lease on "${describeName(type)}" of ${describeName(owner)}`;
    // As a text: Node refuses an error of another realm than its own, such as jest's.
    process.emitWarning(
      kind === 'leakReturned'
        ? `${held} came back after all, after ${Math.round(age)} ms`
        : `${held} has been held for ${Math.round(age)} ms. Is it never released? It was acquired:${whereabouts(event.stack)}`,
      WARNING,
    );
  }
}

function whereabouts(stack: string | undefined): string {
  return stack === undefined ? ' set "leaks.stack" to see where' : `\n${stack}`;
}
