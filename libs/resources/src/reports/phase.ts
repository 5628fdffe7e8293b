/** All phases, in their order. */
export const PHASES = [
  'registered',
  'starting',
  'ready',
  'degraded',
  'draining',
  'stopped',
  'failed',
] as const;

/** Where a coordinator, or a resource type, is in its life. */
export type Phase = (typeof PHASES)[number];

/** A coordinator or a resource type entered a phase. */
export interface LifecycleEvent {
  /** The resource type; undefined of the coordinator itself. */
  type?: string;
  phase: Phase;
  /** The phase before; undefined where its life begins. */
  from: Phase | undefined;
  at: Date;
  /** Milliseconds spent in the phase before. */
  duration: number;
  /** Why it is `degraded` or `failed`. */
  cause?: unknown;
}
