import { withTimeLimit } from '../time/time-limit.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import type { Slot } from './slot.js';

/** Hears `undefined` for well, or the reason against. */
export type Verdict = (against: unknown) => Promise<void>;

/**
 * Runs a factory's `validate` and `reset`, each within a time-out. It says what it found and decides
 * nothing. A resource counts as in flight until the very moment at which the verdict is heard:
 * between the two, another would be created for the caller that waits for it.
 */
export class Inspector<T> {
  private beforeLoans = 0;
  private afterLoans = 0;

  constructor(private readonly time: PoolTime) {}

  /** Resources that are being validated for a loan, a count. */
  get validating(): number {
    return this.beforeLoans;
  }

  /** Resources that are being validated or reset, a count. They will come to the queue by themselves. */
  get inFlight(): number {
    return this.beforeLoans + this.afterLoans;
  }

  async beforeLoan(slot: Slot<T>, { validationTimeout }: PoolSettings, verdict: Verdict): Promise<void> {
    this.beforeLoans++;
    const against = await this.validate(slot, validationTimeout);
    this.beforeLoans--;
    return verdict(against);
  }

  async afterLoan(
    slot: Slot<T>,
    { validation, validationTimeout }: PoolSettings,
    verdict: Verdict,
  ): Promise<void> {
    this.afterLoans++;
    let against = await this.reset(slot, validationTimeout);
    if (against === undefined && validation.onReturn && slot.state !== 'retired') {
      against = await this.validate(slot, validationTimeout);
    }
    this.afterLoans--;
    return verdict(against);
  }

  private async validate({ factory, resource }: Slot<T>, limit: number): Promise<unknown> {
    try {
      const valid: unknown = await withTimeLimit('validate', () => factory.validate?.(resource), {
        limit,
        ...this.time,
      });
      return valid === true ? undefined : new Error('validate did not return true');
    } catch (error) {
      return error ?? new Error('validate threw nothing');
    }
  }

  private async reset({ factory, resource }: Slot<T>, limit: number): Promise<unknown> {
    if (factory.reset === undefined) return undefined;
    try {
      await withTimeLimit('reset', () => factory.reset?.(resource), { limit, ...this.time });
      return undefined;
    } catch (error) {
      return error ?? new Error('reset threw nothing');
    }
  }
}
