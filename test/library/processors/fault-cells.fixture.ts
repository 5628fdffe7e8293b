import { ALL_CELLS, type Cell } from '../../../bench/src/faults/processors/cell.js';

export { ALL_CELLS, type Cell };

/** What was seen of a cell. Times in milliseconds. */
export interface Seen {
  readonly cell: Cell;
  /** What the job brought, or the name of what it was refused with. */
  readonly outcome: string;
  /** From when the caller went away, or else asked, to the job's end. */
  readonly took: number;
  /** What a job beside it brought. */
  readonly beside: string;
  /** What a job after it brought; of a shutdown, nothing is asked. */
  readonly after: string;
  /** Of the pool afterwards, counts: leased, abandoned, pending, and above `max`. */
  readonly left: readonly number[];
  /** Threads that were made and have not ended, a count. */
  readonly threads: number;
  /** What nobody has caught. */
  readonly unhandled: readonly string[];
}

/** The cells of the short form: each fault and each end in either form, and each way to end what never ends by itself. */
export const FEW_CELLS: readonly Cell[] = ALL_CELLS.filter(({ form, fault, end }) => {
  if (fault === 'loops') return true;
  if (form === 'task') return end === 'waits' || (fault === 'exits' && end === 'hangsUp');
  return end === 'aborts'
    ? fault === 'usesMemory'
    : end === 'shutdown' || (fault === 'returns' && end !== 'waits');
});

/** What a job that comes to its end by itself brings, or is refused with, where that is no result. */
const ENDINGS: Readonly<Partial<Record<Cell['fault'], string>>> = {
  throws: 'ReportError',
  rejectsWithText: 'no paper',
  exits: 'ProcessorCrashedError',
  usesMemory: 'ProcessorCrashedError',
  returnsFunction: 'ProcessorCrashedError',
};

/** What a cell's job may bring, or be refused with. */
export function expectedOf({ fault, end }: Cell): readonly string[] {
  // Who is refused a processor may have gone before.
  if (fault === 'throwsAtImport')
    return ['ResourceCreationError', 'AcquireAbortedError', 'AcquireTimeoutError', 'PoolClosedError'];
  if (end === 'deadline') return ['ProcessorAbortedError', 'AcquireTimeoutError'];
  if (fault === 'loops' || (end !== 'waits' && end !== 'shutdown')) return ['ProcessorAbortedError'];
  // Using up the memory may take a busy machine longer than the shutdown waits.
  if (fault === 'usesMemory' && end === 'shutdown') return ['ProcessorCrashedError', 'ProcessorAbortedError'];
  return [ENDINGS[fault] ?? 'result'];
}
