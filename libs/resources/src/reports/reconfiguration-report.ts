/** How a reconfiguration has ended. */
export interface ReconfigurationReport {
  /** The resource type. */
  readonly type: string;
  /** The number of the change, from 1; of this type, no other's. */
  readonly version: number;
  /** `rolledBack`: what was before is in force again. `failed`: the pool closed meanwhile. */
  readonly outcome: 'applied' | 'rolledBack' | 'failed';
  /** Why it was not applied. */
  readonly cause?: unknown;
  /** Milliseconds from the call to the end. */
  readonly duration: number;
}
