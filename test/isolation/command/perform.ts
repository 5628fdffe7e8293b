import { replay, run, type Progress } from '../run/run.js';
import { shrink } from '../run/shrink.js';
import { allFound } from '../faults/known-faults.js';
import { watch } from '../watch/watch.js';
import type { Job, JobReport } from './job.js';

/** Does a job in this process. @param found gets what is known before a failure is made smaller, which may take long */
export async function perform(
  job: Job,
  progress: Progress,
  found: (report: JobReport) => void,
): Promise<JobReport> {
  const { run: options, replay: kept, shrink: wanted, until } = job;
  const report =
    kept === undefined
      ? await run(options, progress, until && allFound(until))
      : await replay(kept, options, progress);
  const counts = [...watch.counts];
  const [first] = report.violations;
  const shrinks = wanted && kept === undefined && report.failed !== undefined && first !== undefined;
  if (shrinks) found({ ...report, counts });
  const shrunk = shrinks ? await shrink(report.failed.round, first.invariant, options) : undefined;
  return { ...report, counts, shrunk };
}
