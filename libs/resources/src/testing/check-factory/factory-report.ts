import type { Finding } from '../finding.js';

/** What was tried: each is a part of a resource's life in which something may be left behind. */
export type FactoryCheck = 'create' | 'abort' | 'kill' | 'silence' | 'reset' | 'destroy';

/** One thing that a factory does not do, or leaves behind, and in which part of a resource's life. */
export type FactoryFinding = Finding<FactoryCheck>;

/** What a factory has passed. */
export interface FactoryReport {
  /** Of the random moments: given as `seed`, they come again. */
  readonly seed: number;
  /** What was tried, in this order. What has no hook in the options was not. */
  readonly checks: readonly FactoryCheck[];
}
