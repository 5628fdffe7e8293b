import { NOTHING_TO_WAIT_FOR } from '../../hooks/nothing-to-wait-for.js';
import type { RetireReason } from '../../reports/retire-reason.js';
import { TimeLimitError, withTimeLimit } from '../../hooks/time-limit.js';
import { type Verdict, verdictOf } from '../../hooks/verdict.js';
import type { PoolEvents } from '../pool-events.js';
import type { PoolTime } from '../pool-time.js';
import type { Slot } from '../slots/slot.js';
import type { ValidationSettings } from './validation-options.js';
import { isA } from '../../words/is-a.js';

/** Where resources go after an inspection; implemented by the dispatcher. */
export interface ValidatorHost<T> {
  /** It has just proved itself. @param rested whether it was idle and nobody had asked for it */
  handOver(slot: Slot<T>, now: number, rested: boolean): Promise<void>;
  /** It is clean again. */
  shelve(slot: Slot<T>): Promise<void>;
  retire(slot: Slot<T>, reason: RetireReason, cause: unknown): Promise<void>;
  /** One did not answer in time: what has been idle since before it was asked may have died with it. @param since milliseconds of the clock */
  doubt(slot: Slot<T>, since: number, cause: unknown): void;
  readonly type: string;
  readonly events: PoolEvents;
}

/**
 * Runs a factory's `validate` and `reset` on neutral ground, each within its time-out, on resources that are not among the idle
 * ones meanwhile. A resource counts as in flight until the very step in which the pool hears of it:
 * between the two, another would be created for the caller that waits for it.
 */
export class Validator<T> {
  private beforeLoans = 0;
  private others = 0;

  constructor(
    private readonly host: ValidatorHost<T>,
    private readonly time: PoolTime,
  ) {}

  /** Resources that are being validated for a loan, a count. */
  get validating(): number {
    return this.beforeLoans;
  }

  /** Resources that are being validated or reset, a count. They will come to the queue by themselves. */
  get inFlight(): number {
    return this.beforeLoans + this.others;
  }

  beforeLoan(slot: Slot<T>, settings: ValidationSettings): Promise<void> {
    return this.time.ground.run(() => this.checkForLoan(slot, settings));
  }

  afterLoan(slot: Slot<T>, settings: ValidationSettings): Promise<void> {
    return this.time.ground.run(() => this.cleanUp(slot, settings));
  }

  whileIdle(slot: Slot<T>, settings: ValidationSettings): Promise<void> {
    return this.time.ground.run(() => this.checkIdle(slot, settings));
  }

  private async checkForLoan(slot: Slot<T>, { validationTimeouts }: ValidationSettings): Promise<void> {
    this.beforeLoans++;
    const against = await this.validateIdle(slot, validationTimeouts.onBorrow);
    this.beforeLoans--;
    return (
      this.judge(slot, against, 'validationFailed') ?? this.host.handOver(slot, this.time.clock.now(), false)
    );
  }

  private cleanUp(slot: Slot<T>, settings: ValidationSettings): Promise<void> {
    this.others++;
    const resetting = this.reset(slot, settings.validationTimeouts.reset);
    if (resetting !== undefined || settings.validation.onReturn)
      return this.cleanUpAfter(resetting, slot, settings);
    return this.cleanedUp(slot, undefined, 'resetFailed');
  }

  private async cleanUpAfter(
    resetting: Promise<Verdict | undefined> | undefined,
    slot: Slot<T>,
    { validation, validationTimeouts }: ValidationSettings,
  ): Promise<void> {
    let against = await resetting;
    const isReset = against === undefined;
    if (isReset && validation.onReturn && slot.state !== 'retired') {
      against = await this.validate(slot, validationTimeouts.onReturn);
    }
    return this.cleanedUp(slot, against, isReset ? 'validationFailed' : 'resetFailed');
  }

  private cleanedUp(
    slot: Slot<T>,
    against: Verdict | undefined,
    kind: 'validationFailed' | 'resetFailed',
  ): Promise<void> {
    this.others--;
    slot.aliveAt = slot.idleSince = this.time.clock.now();
    return this.judge(slot, against, kind) ?? this.host.shelve(slot);
  }

  private async checkIdle(slot: Slot<T>, { validationTimeouts }: ValidationSettings): Promise<void> {
    this.others++;
    const against = await this.validateIdle(slot, validationTimeouts.keepAlive);
    this.others--;
    return (
      this.judge(slot, against, 'validationFailed') ?? this.host.handOver(slot, this.time.clock.now(), true)
    );
  }

  /** @returns undefined when it may be lent */
  private judge(
    slot: Slot<T>,
    against: Verdict | undefined,
    kind: 'validationFailed' | 'resetFailed',
  ): Promise<void> | undefined {
    if (slot.state === 'retired') return NOTHING_TO_WAIT_FOR; // the pool has closed meanwhile
    if (against === undefined) return undefined;
    const { host } = this;
    const { cause } = against;
    host.events.emitTrouble({ kind, type: host.type, resourceId: slot.id, cause });
    return host.retire(slot, 'invalid', cause);
  }

  /** Sessions whose network is gone without a word would cost each caller a time-out, one after the other. */
  private async validateIdle(slot: Slot<T>, limit: number): Promise<Verdict | undefined> {
    const begun = this.time.clock.now();
    const against = await this.validate(slot, limit);
    const cause = against?.cause;
    if (isA(cause, TimeLimitError)) this.host.doubt(slot, begun, cause);
    return against;
  }

  private validate({ factory, resource }: Slot<T>, limit: number): Promise<Verdict | undefined> {
    return verdictOf(() => factory.validate?.(resource), limit, this.time);
  }

  /** @returns undefined when it was done at once */
  private reset({ factory, resource }: Slot<T>, limit: number): Promise<Verdict | undefined> | undefined {
    try {
      const running = factory.reset?.(resource);
      return running === undefined ? undefined : this.resetWithin(running, limit);
    } catch (error) {
      return Promise.resolve(resetFailure(error));
    }
  }

  private async resetWithin(running: unknown, limit: number): Promise<Verdict | undefined> {
    try {
      await withTimeLimit('reset', () => running, { limit, ...this.time });
      return undefined;
    } catch (error) {
      return resetFailure(error);
    }
  }
}

function resetFailure(error: unknown): Verdict {
  return { cause: error ?? new Error('reset threw nothing') };
}
