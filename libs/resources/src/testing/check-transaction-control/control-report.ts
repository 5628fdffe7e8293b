import type { Finding } from '../finding.js';

/** What was tried of a control. */
export type ControlCheck =
  'commit' | 'rollback' | 'terms' | 'failure' | 'savepoint' | 'effect' | 'conflict' | 'lost answer';

/** One thing that a control does not do, or does wrong. */
export type ControlFinding = Finding<ControlCheck>;

/** What a control has passed. */
export interface ControlReport {
  /** What was tried, in this order. What has no hook in the options, or no method of the control, was not. */
  readonly checks: readonly ControlCheck[];
  /** The terms with which the control refuses to begin, such as `SERIALIZABLE` and `read only`. That is allowed: it would be wrong to ignore them. */
  readonly refused: readonly string[];
}
