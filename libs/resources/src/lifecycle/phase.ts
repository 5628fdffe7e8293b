/** Where a coordinator is in its life. It only moves forward. */
export const PHASES = ['starting', 'running', 'draining', 'closed'] as const;

/** One of {@link PHASES}. */
export type Phase = (typeof PHASES)[number];

/** A coordinator entered a phase. */
export interface LifecycleEvent {
  phase: Phase;
  at: Date;
}
