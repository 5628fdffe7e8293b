import { createHistogram } from 'node:perf_hooks';
import type { JobDurations, ProcessorStats } from '../../reports/processor-stats.js';

/** How a job came to its end. */
export type JobEnd = 'returned' | 'failed' | 'aborted' | 'crashed';

/** What the histogram counts: microseconds. */
const PER_MILLISECOND = 1_000;

/** What became of the jobs of one processor type, and how long they took. */
export class JobCounts {
  private readonly counts = { returned: 0, failed: 0, aborted: 0, crashed: 0 };
  private readonly durations = createHistogram();

  /** @param duration milliseconds */
  add(end: JobEnd, duration: number): void {
    this.counts[end]++;
    this.durations.record(Math.max(1, Math.round(duration * PER_MILLISECOND)));
  }

  get stats(): Pick<ProcessorStats, JobEnd | 'duration'> {
    return { ...this.counts, duration: this.duration };
  }

  private get duration(): JobDurations {
    const { durations } = this;
    if (durations.count === 0) return { mean: 0, p50: 0, p99: 0, max: 0 };
    const milliseconds = (recorded: number): number => recorded / PER_MILLISECOND;
    return {
      mean: milliseconds(durations.mean),
      p50: milliseconds(durations.percentile(50)),
      p99: milliseconds(durations.percentile(99)),
      max: milliseconds(durations.max),
    };
  }
}
