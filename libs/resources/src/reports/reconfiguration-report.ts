import type { ChangeOutcome } from './change-info.js';

/** How a change of a type's configuration has ended. */
export interface ReconfigurationReport {
  /** The resource type. */
  readonly type: string;
  /** The number of the configuration that it made, or of that in force where there was nothing to change. */
  readonly version: number;
  /** `rolledBack`: what was before is in force again. `failed`: it could not be applied, or the pool closed meanwhile. */
  readonly outcome: ChangeOutcome;
  /** Why it was not applied; what was thrown. */
  readonly cause?: unknown;
  /** Milliseconds from the call to the end. */
  readonly duration: number;
}
