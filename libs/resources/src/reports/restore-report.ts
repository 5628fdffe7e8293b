import type { OptionChange } from './change-info.js';

/** What a restore did to one type, or would do. */
export interface RestoredType {
  type: string;
  /** What differs from the document. */
  what: readonly OptionChange[];
  /** The number of the configuration that it made, if it made one. */
  version?: number;
  /**
   * `unchanged` when it was as in the document; `planned` in a dry run; `rolledBack` when it was undone because of another one, `failed`
   * when it could not be applied or undone, `superseded` when somebody else had changed it before it was to be undone, and `skipped`
   * when its turn never came.
   */
  outcome: 'unchanged' | 'planned' | 'applied' | 'rolledBack' | 'failed' | 'superseded' | 'skipped';
}

/** How a restore has ended. */
export interface RestoreReport {
  /**
   * `planned` for a dry run that could be applied; `applied` for all types; `rolledBack` when one failed and all are as they were; `failed`
   * when one failed and another could not be brought back, which `types` tells of.
   */
  outcome: 'planned' | 'applied' | 'rolledBack' | 'failed';
  /** The types of the document, in its order. */
  types: RestoredType[];
  /** Types that are registered here and not in the document. They stay as they are. */
  untouched: string[];
  /** Values of the cache: how many were put back, and how many had outlived their time. Counts. */
  values: { restored: number; expired: number };
  /** Why it was not applied; what was thrown. */
  cause?: unknown;
  /** Milliseconds that it took. */
  duration: number;
}
