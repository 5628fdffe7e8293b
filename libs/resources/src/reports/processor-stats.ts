/** How the processors of one type fare, since the factory took over that makes them. */
export interface ProcessorStats {
  /** Jobs that are running, a count. */
  running: number;
  /** Jobs that brought a result, a count. */
  returned: number;
  /** Jobs that threw, or could not be sent, a count. */
  failed: number;
  /** Jobs that were ended before they were done, a count. */
  aborted: number;
  /** Jobs whose thread came to its end, a count. */
  crashed: number;
  /** Threads that were replaced by others, a count. */
  recycled: number;
  /** How long the jobs that are over took; all 0 before there was one. */
  duration: JobDurations;
  threads: ThreadStats[];
}

/** How long jobs took, in milliseconds. */
export interface JobDurations {
  mean: number;
  p50: number;
  p99: number;
  max: number;
}

/** One worker thread in service. */
export interface ThreadStats {
  /** Milliseconds. */
  age: number;
  /** Loans that ended. */
  uses: number;
  /** The share of its life, from 0 to 1, in which its event loop was busy. */
  utilization: number;
  /** Megabytes of heap in use after its last job. */
  heap?: number;
  /** Milliseconds of CPU up to the end of its last job, where the running Node tells. */
  cpu?: number;
}
