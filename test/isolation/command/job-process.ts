import { once } from 'node:events';
import { register } from 'node:module';
import 'reflect-metadata';
import type { Job, JobReport, Message } from './job.js';

// The process of one job: it hears what to do, then loads the library that was asked for, then all that uses it.
const [job] = (await once(process, 'message')) as [Job];
if (job.library !== undefined)
  register('../library-hook.js', import.meta.url, { data: { folder: job.library } });

const { perform } = await import('./perform.js');
const report: JobReport = await perform(
  job,
  (done, seconds, violations) => void tell({ kind: 'progress', done, seconds, violations }),
  (known) => void tell({ kind: 'report', report: known }),
);
await tell({ kind: 'report', report });
process.exit(); // whatever a broken library has left running

function tell(message: Message): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}
