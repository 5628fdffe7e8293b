import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Activities, Activity } from './activity.js';

const MICROSECONDS = 1_000;

/** How long requests took, by what went on meanwhile. */
export class Latencies {
  private readonly histograms = new Map<Activity, RecordableHistogram>();

  constructor(private readonly activities: Activities) {}

  /** @param duration of a request that is answered now, in milliseconds */
  add(duration: number): void {
    const activity = this.activities.since(performance.now() - duration);
    let histogram = this.histograms.get(activity);
    if (histogram === undefined) {
      histogram = createHistogram();
      this.histograms.set(activity, histogram);
    }
    histogram.record(Math.max(1, Math.round(duration * MICROSECONDS)));
  }

  count(activity: Activity): number {
    return this.histograms.get(activity)?.count ?? 0;
  }

  /** Milliseconds; `undefined` of none. */
  percentile(activity: Activity, percent: number): number | undefined {
    const histogram = this.histograms.get(activity);
    return histogram && histogram.percentile(percent) / MICROSECONDS;
  }
}
