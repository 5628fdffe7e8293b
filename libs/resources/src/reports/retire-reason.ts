/** Why a resource was taken out of service. Every retirement is counted under exactly one of these. */
export const RETIRE_REASONS = [
  'idle',
  'lifetime',
  'uses',
  'predicate',
  'pruned',
  'invalid',
  'flushed',
  'resized',
  'leaked',
  'abandoned',
  'closed',
] as const;

/** One of {@link RETIRE_REASONS}. */
export type RetireReason = (typeof RETIRE_REASONS)[number];
