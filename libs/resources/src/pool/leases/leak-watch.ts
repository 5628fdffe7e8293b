import { describeName } from '../../errors/describe-name.js';
import type { LeakSettings } from './leak-options.js';
import type { LeaseOrigin, PoolLease } from './lease.js';
import type { LeakEvent } from '../../reports/pool-event.js';
import type { PoolEvents } from '../pool-events.js';

/** Without a limit on the depth, capturing a stack costs what the stack is deep. */
const STACK_DEPTH = 20;

/** A process warning about a lease that nobody listens for. */
class LeakWarning extends Error {
  override readonly name = 'LeakWarning';
}

/**
 * Finds leases that don't come back: warns once when one is held for too long (HikariCP's
 * `leakDetectionThreshold`), says so when it comes back after all, and remembers where leases were acquired. What
 * happens to such a lease is not its business.
 */
export class LeakWatch<T> {
  /** Whether any loan is to be traced: ask before {@link trace}. */
  traces = false;
  private readonly suspects = new Set<PoolLease<T>>();
  private asked = 0;

  constructor(
    private readonly type: string,
    private settings: LeakSettings,
    private readonly events: PoolEvents,
  ) {
    this.reconfigure(settings);
  }

  reconfigure(settings: LeakSettings): void {
    this.settings = settings;
    this.traces = settings.stackEvery !== Infinity;
  }

  /** Where the code that asks for a loan stands, if this one is to be traced. */
  trace(): LeaseOrigin | undefined {
    if (++this.asked % this.settings.stackEvery !== 0) return undefined;
    const origin: LeaseOrigin = {};
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = STACK_DEPTH;
    Error.captureStackTrace(origin); // formatted when it is read
    Error.stackTraceLimit = stackTraceLimit;
    return origin;
  }

  /** To be called from time to time with every loan. */
  look(lease: PoolLease<T>, age: number): void {
    if (age < this.settings.warnAfter || this.suspects.has(lease)) return;
    this.suspects.add(lease);
    const { owner, origin } = lease;
    this.tell({ kind: 'leakSuspected', type: this.type, owner, age, stack: origin?.stack });
  }

  /** Whether any lease has been warned of and has not ended. */
  get suspicious(): boolean {
    return this.suspects.size > 0;
  }

  /** @param returned whether it came back by itself */
  loanEnded(lease: PoolLease<T>, returned: boolean): void {
    if (!this.suspects.delete(lease) || !returned) return;
    this.tell({ kind: 'leakReturned', type: this.type, owner: lease.owner, age: lease.age });
  }

  private tell(event: LeakEvent): void {
    if (this.events.observed) return this.events.emit(event);
    const { kind, type, owner, age } = event;
    const held = `a lease on "${describeName(type)}" of ${describeName(owner)}`;
    process.emitWarning(
      new LeakWarning(
        kind === 'leakReturned'
          ? `${held} came back after all, after ${Math.round(age)} ms`
          : `${held} has been held for ${Math.round(age)} ms. Is it never released? It was acquired:${whereabouts(event.stack)}`,
      ),
    );
  }
}

function whereabouts(stack: string | undefined): string {
  return stack === undefined ? ' set "leaks.stack" to see where' : `\n${stack}`;
}
