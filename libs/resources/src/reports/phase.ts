/** All phases, in their order. */
export const PHASES = ['starting', 'running', 'draining', 'closed'] as const;

/** Where a coordinator is in its life: `starting`, `running`, `draining` or `closed`. It only moves forward. */
export type Phase = (typeof PHASES)[number];

/** A coordinator entered a phase. */
export interface LifecycleEvent {
  phase: Phase;
  at: Date;
}
