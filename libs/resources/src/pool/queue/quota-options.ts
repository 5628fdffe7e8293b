import { describeValue } from '../../words/describe-value.js';
import { ResourceBudget } from '../sizing/resource-budget.js';
import type { OptionReader } from '../../options/option-reader.js';
import { isA } from '../../words/is-a.js';

/** How many leases a tenant, and how many resources the pool, may have. */
export interface QuotaOptions {
  /** Most leases at a time per `tenant`, or per `owner` where no tenant is given. A count of at least 1. Default `Infinity`. */
  max?: number;
  /**
   * Resources that this pool shares with others, whatever the `max` of each: give the same budget to all of them. It
   * can't be changed while the pool exists. Default: none.
   */
  budget?: ResourceBudget;
}

/** The defaults of {@link QuotaOptions}. */
export const DEFAULT_QUOTA_OPTIONS = { max: Infinity } as const satisfies QuotaOptions;

/** {@link QuotaOptions} read. */
export interface QuotaSettings {
  readonly maxPerTenant: number;
  readonly budget: ResourceBudget | undefined;
}

export function readQuotaOptions(read: OptionReader, given: QuotaOptions | undefined): QuotaSettings {
  const defaults = DEFAULT_QUOTA_OPTIONS;
  const { max, budget } = read.group('quota', given, [...Object.keys(defaults), 'budget']);
  if (budget !== undefined && !isA(budget, ResourceBudget)) {
    read.fail('quota.budget', `must be a ResourceBudget; got ${describeValue(budget)}.`);
  }
  return { maxPerTenant: read.count('quota.max', max, defaults.max, 1), budget };
}
