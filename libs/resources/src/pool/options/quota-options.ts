import type { OptionReader } from './option-reader.js';

/** Who may have how many. */
export interface QuotaOptions {
  /** Most leases at a time per `tenant`, or per `owner` where no tenant is given. A count of at least 1. Default `Infinity`. */
  max?: number;
}

/** The defaults of {@link QuotaOptions}. */
export const DEFAULT_QUOTA_OPTIONS = { max: Infinity } as const satisfies QuotaOptions;

/** {@link QuotaOptions} read. */
export interface QuotaSettings {
  readonly maxPerLane: number;
}

export function readQuotaOptions(read: OptionReader, given: QuotaOptions | undefined): QuotaSettings {
  const { max } = read.group('quota', given, Object.keys(DEFAULT_QUOTA_OPTIONS));
  return { maxPerLane: read.count('quota.max', max, DEFAULT_QUOTA_OPTIONS.max, 1) };
}
