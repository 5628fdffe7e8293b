import { PoolClosedError } from '../../errors/pool-closed-error.js';
import type { ResourceCreationError } from '../../errors/resource-creation-error.js';
import type { CreationDemand } from '../../policies/creation/creation-policy.js';
import type { PoolStats } from '../../reports/pool-stats.js';
import type { Clock, ClockTimer } from '../../time/clock.js';
import type { BudgetShare } from '../sizing/budget-share.js';
import type { SizingSettings } from '../sizing/sizing-options.js';
import type { SlotTable } from '../slots/slot-table.js';
import type { CreationGate } from './creation-gate.js';
import type { CreationSettings } from './creation-options.js';

/** What a minimum goes by. */
export type MinimumSettings = Pick<CreationSettings, 'creation'> & Pick<SizingSettings, 'max' | 'minimum'>;

/** What creates for a minimum; implemented by the replenisher. */
export interface MinimumHost {
  readonly type: string;
  readonly gate: Pick<CreationGate, 'permits'>;
  readonly share: Pick<BudgetShare, 'admits' | 'hasSpare'>;
  readonly inventory: {
    readonly slots: Pick<SlotTable<unknown>, 'idle' | 'inService'>;
    readonly destroying: number;
  };
  /** Resources being created, a count. */
  readonly creating: number;
  /** Places taken under `max`, a count. */
  readonly occupied: number;
  demand(): Pick<CreationDemand, 'pending' | 'arriving'>;
  stats(): PoolStats;
  /** Starts one creation. */
  create(): void;
  /** Tries again what has failed. */
  watchOver(): void;
  /** Why nothing is created now. */
  refusal(): ResourceCreationError;
}

/**
 * Keeps `min` resources, and `minIdle` of them idle, from the first caller or warm-up until the end. What failed is left alone until the
 * next sweep, so that nothing fails in a busy loop. Callers come first: nothing is created for it that a caller could have, and in the
 * pool's budget it takes for idle ones only what is left over.
 */
export class Minimum {
  private kept = false;
  /** A failure since the last sweep. */
  private setback: ResourceCreationError | undefined;
  /** Called when there is one more resource, or it is known that there will be none. */
  private readonly watchers: (() => void)[] = [];
  /** Whether the pool lends to nobody new: then nobody waits for it either. */
  private refusing = false;
  /** When it looks whether idle resources are missing. */
  private timer: ClockTimer | undefined;

  constructor(
    private readonly host: MinimumHost,
    private settings: MinimumSettings,
    private readonly clock: Clock,
  ) {}

  reconfigure(settings: MinimumSettings): void {
    this.settings = settings;
    this.tellWatchers(); // there may be less to wait for
  }

  /** From now on. */
  keep(): void {
    this.kept = true;
  }

  /** Creates until there are `min`, and `minIdle` idle ones as far as `max` and the budget let it. @returns the first failure, which ends it */
  async fill(): Promise<Error | undefined> {
    const { host } = this;
    this.kept = true;
    this.setback = undefined;
    host.watchOver();
    while (!this.isFull) {
      if (this.refusing) return new PoolClosedError(host.type, 'warmUp()', host.stats());
      this.refill();
      if (!host.gate.permits && host.creating + host.inventory.destroying === 0) return host.refusal();
      await new Promise<void>((resolve) => this.watchers.push(resolve));
      if (this.setback !== undefined) return this.setback;
    }
    return undefined;
  }

  /** Creates what is missing, unless that has just failed. */
  refill(): void {
    const { host } = this;
    while (this.missing > 0 && host.share.admits) host.create();
    while (this.missingIdle > 0) host.create();
  }

  /** Like {@link refill}, but also after a failure. */
  retry(): void {
    this.setback = undefined;
    this.refill();
  }

  /** A resource has been lent: looks soon whether idle ones are missing, when its borrower has gone on. */
  lookAhead(): void {
    if (this.timer !== undefined || this.missingIdle === 0) return;
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      this.refill();
    }, 0);
    this.timer.unref();
  }

  /** It failed for nobody in particular. */
  setBack(error: ResourceCreationError): void {
    this.setback = error;
    if (this.kept) this.host.watchOver();
    this.tellWatchers();
  }

  /** What failed so far says nothing about what comes. */
  startOver(): void {
    this.setback = undefined;
  }

  /** From now on only the callers that are waiting already will borrow. */
  refuse(): void {
    this.refusing = true;
    this.tellWatchers();
  }

  /** Nothing is kept any more. */
  runDown(): void {
    this.kept = false;
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Whether it tries again by itself what has failed, at each sweep. */
  get perseveres(): boolean {
    const { min, minIdle } = this.settings.minimum;
    return this.kept && min + minIdle > 0;
  }

  /** Resources of `min` to be created now, a count. */
  get missing(): number {
    return this.mayCreate ? Math.min(this.settings.minimum.missing(this), this.room) : 0;
  }

  /** Whether it would not be reached even if all creations in flight but one succeeded. */
  get fallsShort(): boolean {
    const { minimum } = this.settings;
    if (!this.kept) return false;
    if (minimum.missing({ existing: this.existing - 1 }) > 0) return true;
    if (this.refusing || minimum.minIdle === 0) return false;
    const { pending, arriving } = this.host.demand();
    return minimum.missingIdle({ idle: this.idle, pending, arriving: arriving - 1 }) > 0;
  }

  tellWatchers(): void {
    for (const tell of this.watchers.splice(0)) tell();
  }

  /** In service or being created, a count. */
  get existing(): number {
    return this.host.inventory.slots.inService + this.host.creating;
  }

  private get idle(): number {
    return this.host.inventory.slots.idle;
  }

  private get mayCreate(): boolean {
    return this.kept && this.setback === undefined && this.host.gate.permits;
  }

  /** How many creations may be started, a count. */
  private get room(): number {
    const { max, creation } = this.settings;
    return Math.max(0, Math.min(max - this.host.occupied, creation.concurrency - this.host.creating));
  }

  /** Idle resources to be created now, a count. */
  private get missingIdle(): number {
    const { host, room } = this;
    const { minimum } = this.settings;
    if (minimum.minIdle === 0 || room === 0 || this.refusing || !this.mayCreate) return 0;
    if (!host.share.hasSpare) return 0;
    return Math.min(minimum.missingIdle({ idle: this.idle, ...host.demand() }), room);
  }

  private get isFull(): boolean {
    const { minimum } = this.settings;
    if (this.host.inventory.slots.inService < minimum.min) return false;
    return this.idle >= minimum.minIdle || (this.host.creating === 0 && this.missingIdle === 0);
  }
}
