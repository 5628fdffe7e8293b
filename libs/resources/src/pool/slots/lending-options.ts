import type { OptionReader } from '../../options/option-reader.js';

/** Which resource is lent. */
export interface LendingOptions {
  /**
   * Which idle resource is lent next: `'mostRecent'`, the one that came back last, so that a few are warm and the
   * others may retire; `'leastRecent'`, each in turn, so that all wear evenly. Default `'mostRecent'`.
   */
  order?: 'mostRecent' | 'leastRecent';
}

/** The defaults of {@link LendingOptions}. */
export const DEFAULT_LENDING_OPTIONS = { order: 'mostRecent' } as const satisfies LendingOptions;

const ORDERS = ['mostRecent', 'leastRecent'] as const;

/** {@link LendingOptions} read. */
export interface LendingSettings {
  readonly lendsOldest: boolean;
}

export function readLendingOptions(read: OptionReader, given: LendingOptions | undefined): LendingSettings {
  const { order } = read.group('lending', given, Object.keys(DEFAULT_LENDING_OPTIONS));
  const chosen = read.oneOf('lending.order', order, ORDERS, DEFAULT_LENDING_OPTIONS.order);
  return { lendsOldest: chosen === 'leastRecent' };
}
