import { RevivalPolicy } from '../../policies/creation/revival-policy.js';
import type { Readiness } from '../../options/readiness.js';
import type { ClockTimer } from '../../time/clock.js';
import type { PoolTime } from '../pool-time.js';
import type { BudgetShare } from '../sizing/budget-share.js';
import type { Slot } from '../slots/slot.js';
import type { SlotTable } from '../slots/slot-table.js';
import type { CreationGate } from './creation-gate.js';

/** What a revival goes by. */
export interface RevivalSettings {
  readonly readiness: Readiness;
}

/** What a revival asks of its pool; implemented by the replenisher. */
export interface RevivalHost {
  readonly gate: Pick<CreationGate, 'closed' | 'permits'>;
  readonly share: Pick<BudgetShare, 'hasSpare'>;
  readonly inventory: { readonly slots: Pick<SlotTable<unknown>, 'some'> };
  readonly minimum: { readonly perseveres: boolean };
  /** Whether there is a place for one more. */
  readonly hasRoom: boolean;
  /** Starts one creation. */
  create(): void;
}

/**
 * Knows when nothing in a pool works, by what is seen anyway: creations that fail, resources that die, resources that come back. As long as
 * that is so, it tries to create at least every second, whether anybody asks or not, and has one timer, unreferenced; else none.
 */
export class Revival {
  private readonly policy = new RevivalPolicy();
  /** Since when every creation has failed, in milliseconds of the clock. */
  private failingSince: number | undefined;
  /** Whether the last resource has died, and none has come since. */
  private bereft = false;
  /** When it was tried for the first time to replace it. */
  private soughtSince: number | undefined;
  private triedAt = -Infinity;
  /** Whether it was time to try, and something stood in the way. */
  private hindered = false;
  private timer: ClockTimer | undefined;
  private stopped = false;

  constructor(
    private readonly host: RevivalHost,
    private settings: RevivalSettings,
    private readonly time: PoolTime,
  ) {}

  reconfigure(settings: RevivalSettings): void {
    this.settings = settings;
    if (this.stopped || settings.readiness === 'ignored') this.rest();
    else if (this.failingSince !== undefined) this.failed();
  }

  /** Whether it is known that nothing works: neither creation nor anything that was created. */
  get lifeless(): boolean {
    const { failingSince, soughtSince, policy, time } = this;
    const vain = soughtSince !== undefined && policy.isInVain(soughtSince, time.clock.now());
    return (failingSince !== undefined || vain) && !this.anythingAlive;
  }

  /** A creation begins, for whomever. */
  tried(): void {
    this.triedAt = this.time.clock.now();
    if (this.bereft) this.soughtSince ??= this.triedAt;
  }

  /** A try to create has failed. */
  failed(): void {
    this.failingSince ??= this.time.clock.now();
    this.wait(this.policy.interval(this.time.random()));
  }

  /** A resource has died, idle or on loan. */
  died(): void {
    if (this.stopped || this.anythingAlive) return;
    this.bereft = true;
    this.wait(this.policy.afterDeath(this.time.random()));
  }

  /** There is a resource that there was not: all that was known is over. */
  arrived(): void {
    this.failingSince = undefined;
    this.bereft = false;
    this.soughtSince = undefined;
    this.rest();
  }

  /** What failed so far says nothing about what comes: there is a new factory. */
  startOver(): void {
    if (!this.bereft && this.failingSince === undefined) return;
    this.arrived();
    this.bereft = true;
    this.triedAt = -Infinity;
    this.wait(0);
  }

  /** Tries now, if it is time: what stood in the way may be gone. */
  makeUp(): void {
    if (this.hindered && !this.stopped) this.attempt();
  }

  /** Tries no more: the pool lends to nobody new, or is one of several. */
  stop(): void {
    this.stopped = true;
    this.rest();
  }

  private wait(delay: number): void {
    if (this.stopped || this.timer !== undefined || this.settings.readiness === 'ignored') return;
    this.timer = this.time.clock.setTimeout(() => {
      this.timer = undefined;
      this.look();
    }, delay);
    this.timer.unref();
  }

  private look(): void {
    if (this.failingSince === undefined && !this.bereft) return;
    const interval = this.policy.interval(this.time.random());
    const remaining = this.triedAt + interval - this.time.clock.now();
    if (remaining <= 0) this.attempt();
    this.wait(remaining > 0 ? remaining : interval);
  }

  private attempt(): void {
    const { gate, hasRoom, minimum, share } = this.host;
    this.hindered = false;
    const others = minimum.perseveres && gate.closed; // the minimum tries, as often
    if (others || this.anythingAlive) return;
    if (gate.permits && hasRoom && share.hasSpare) this.host.create();
    else this.hindered = true;
  }

  private rest(): void {
    if (this.timer !== undefined) this.time.clock.clearTimeout(this.timer);
    this.timer = undefined;
    this.hindered = false;
  }

  private get anythingAlive(): boolean {
    return this.host.inventory.slots.some((slot) => this.isAlive(slot));
  }

  /** What is on loan may hang. While the breaker is open, only what has come back since creation began to fail is alive. */
  private isAlive({ state, retireReason, aliveAt, idleSince }: Slot<unknown>): boolean {
    if (state === 'held' || retireReason === 'invalid') return false;
    const { failingSince = -Infinity, host } = this;
    return state === 'idle' || host.gate.closed || Math.max(aliveAt, idleSince) >= failingSince;
  }
}
