/** Callers of a burst. */
export const CALLERS = 50;

export interface WorkerReport {
  /** Milliseconds from asking for a session to having it, callers coming one at a time. */
  quiet: number[];
  /** The same within bursts. */
  burst: number[];
  /** Requests per second in the bursts. */
  throughput: number;
}

/** What a worker says: when its bursts begin, and in the end. */
export type WorkerMessage = 'bursts' | WorkerReport;
