import { withTimeLimit } from './time-limit.js';
import type { Timekeeping } from '../time/timekeeping.js';

/** Why a resource must not be lent. What was thrown stands in it, because a promise would wait for what looks like another one. */
export interface Verdict {
  readonly cause: unknown;
}

/**
 * Asks a factory's `validate` whether a resource works. Only `true` in time means yes. It never fails.
 *
 * @param limit most milliseconds
 * @returns undefined when it does
 */
export async function verdictOf(
  validate: () => unknown,
  limit: number,
  time: Pick<Timekeeping, 'clock' | 'wheel'>,
): Promise<Verdict | undefined> {
  try {
    const valid = await withTimeLimit('validate', validate, { limit, ...time });
    return valid === true ? undefined : { cause: new Error('validate did not return true') };
  } catch (error) {
    return { cause: error ?? new Error('validate threw nothing') };
  }
}
