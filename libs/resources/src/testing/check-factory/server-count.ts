import { describeValue } from '../../words/describe-value.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { TimeLimitError } from '../../hooks/time-limit.js';
import { HookCall } from './hook-call.js';
import { lookUntil } from './look-until.js';

/** How many of a factory's resources the server has, by the hook of who knows. */
export class ServerCount {
  /** @param within most milliseconds of a wait */
  constructor(
    private readonly count: () => unknown,
    private readonly within: number,
  ) {}

  /** @throws what the hook throws, TimeLimitError, and InvalidOptionsError for what is no count */
  async now(): Promise<number> {
    const outcome = await new HookCall(this.count).settledWithin(this.within);
    if (outcome.state === 'rejected') throw outcome.reason;
    if (outcome.state === 'pending') throw new TimeLimitError('count', this.within);
    const { value } = outcome;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    throw new InvalidOptionsError(
      'count',
      `must return a whole number of at least 0; it returned ${describeValue(value)}.`,
    );
  }

  /** Looks until it is as wanted, or the time is up. @returns the last count @throws as {@link now} */
  async until(wanted: (count: number) => boolean): Promise<number> {
    let last = 0;
    await lookUntil(async () => wanted((last = await this.now())), this.within);
    return last;
  }
}
