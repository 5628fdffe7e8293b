/** How a thread is used: for one job, or for several whose state it keeps. */
export const FORMS = ['task', 'session'] as const;
/** What a job does: the names of the worker's functions, and a worker that can't be loaded. */
export const FAULTS = [
  'returns',
  'throws',
  'rejectsWithText',
  'loops',
  'exits',
  'usesMemory',
  'returnsFunction',
  'postsGarbage',
  'throwsAtImport',
] as const;
/** What becomes of whoever asked for it. */
export const ENDS = ['waits', 'aborts', 'deadline', 'hangsUp', 'shutdown'] as const;

export interface Cell {
  readonly form: (typeof FORMS)[number];
  readonly fault: (typeof FAULTS)[number];
  readonly end: (typeof ENDS)[number];
}

/** Every cell of the table. */
export const ALL_CELLS: readonly Cell[] = FORMS.flatMap((form) =>
  FAULTS.flatMap((fault) => ENDS.map((end) => ({ form, fault, end }))),
);

export function nameOf({ form, fault, end }: Cell): string {
  return `${form} ${fault}, ${end}`;
}

/** What was seen of a cell. */
export interface CellResult {
  /** What the job brought, or the name of what it was refused with; `undefined` for neither, within the bound. */
  readonly outcome: string | undefined;
  /** Milliseconds from the moment at which its caller went away, or else it began, to its end. */
  readonly took: number;
  /** Whether a job beside it, of another caller, came to a good end; of a worker that can't be loaded there is none. */
  readonly besideWell: boolean;
  /** Whether as many jobs as there are threads came to a good end afterwards; of a shutdown, none is asked for. */
  readonly whole: boolean;
  /** Whether the shutdown came to an end within the bound. */
  readonly closed: boolean;
  /** Threads that have not ended after it, a count. */
  readonly threads: number;
  /** Rejections and exceptions that nobody has caught, a count. */
  readonly unhandled: number;
}
