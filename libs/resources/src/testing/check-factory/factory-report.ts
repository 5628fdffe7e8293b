/** What was tried: each is a part of a resource's life in which something may be left behind. */
export type FactoryCheck = 'create' | 'abort' | 'kill' | 'silence' | 'reset' | 'destroy';

/** One thing that a factory does not do, or leaves behind. */
export interface FactoryFinding {
  /** In which part of a resource's life. */
  readonly check: FactoryCheck;
  /** What was done. */
  readonly done: string;
  /** What a safe factory comes to. */
  readonly expected: string;
  /** What this one came to. */
  readonly found: string;
  /** What to change. */
  readonly remedy: string;
}

/** What a factory has passed. */
export interface FactoryReport {
  /** Of the random moments: given as `seed`, they come again. */
  readonly seed: number;
  /** What was tried, in this order. What has no hook in the options was not. */
  readonly checks: readonly FactoryCheck[];
}
