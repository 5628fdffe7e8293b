export const PHASES = ['create', 'validate', 'reset', 'destroy'] as const;
export type Phase = (typeof PHASES)[number];

export const BEHAVIOURS = ['ok', 'throws', 'slow', 'never settles', 'settles late'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export const ABORTS = ['never', 'while queued', 'while creating', 'while validating'] as const;
/** When half of the callers abort. */
export type Abort = (typeof ABORTS)[number];

/** One kind of trouble. */
export interface Cell {
  phase: Phase;
  behaviour: Behaviour;
  abort: Abort;
}

export const CELLS: readonly Cell[] = PHASES.flatMap((phase) =>
  BEHAVIOURS.flatMap((behaviour) => ABORTS.map((abort) => ({ phase, behaviour, abort }))),
);

export function nameOf({ phase, behaviour, abort }: Cell): string {
  return `${phase} ${behaviour}${abort === 'never' ? '' : `, callers abort ${abort}`}`;
}

export const VIOLATIONS = [
  'more than max',
  'lent twice',
  'lent after destroy',
  'lent unfit',
  'acquire threw',
  'unhandled rejection',
  'uncaught exception',
] as const;
export type Violation = (typeof VIOLATIONS)[number];

/** What a pool made of a cell. */
export interface CellResult {
  violations: Partial<Record<Violation, number>>;
  /** Callers that had neither a resource nor an error long after their deadline. */
  stuck: number;
  /** Resources that nobody ever destroyed, not even when the pool was closed. */
  leaked: number;
  /** Milliseconds from the end of the trouble until a new caller had a resource; undefined for not within the limit. */
  recovery?: number;
  /** Whether closing the pool came to an end. */
  closed: boolean;
}

export function violationCount({ violations }: CellResult): number {
  return Object.values(violations).reduce((sum, count) => sum + count, 0);
}
