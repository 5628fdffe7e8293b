import { format } from '../../time/duration.js';
import { ResourceBudget } from '../resource-budget.js';
import type { OptionReader } from './option-reader.js';

/** Who may have how many. */
export interface QuotaOptions {
  /**
   * Resources that this pool shares with others, whatever the `max` of each: give the same budget to all of them. It
   * can't be changed while the pool exists. Default: none.
   */
  budget?: ResourceBudget;
}

/** {@link QuotaOptions} read. */
export interface QuotaSettings {
  readonly budget: ResourceBudget | undefined;
}

export function readQuotaOptions(read: OptionReader, given: QuotaOptions | undefined): QuotaSettings {
  const { budget } = read.group('quota', given, ['budget']);
  if (budget !== undefined && !(budget instanceof ResourceBudget)) {
    read.fail('quota.budget', `must be a ResourceBudget; got ${format(budget)}.`);
  }
  return { budget };
}
