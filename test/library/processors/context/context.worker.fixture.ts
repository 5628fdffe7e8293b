import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { defineWorker, type JobContext } from 'nestjs-resources/processors/worker';
import { Author, FONT, JobNotes, Printer, Stamp, Unprovided, WorkerModule } from './providers.fixture.js';
import { trace } from './traced.fixture.js';

const { inject } = defineWorker({
  context: WorkerModule,
  logger: process.env['LOGGER'] === 'levels' ? ['log'] : false,
});

export const print = inject([Printer], (printer) => (text: string) => printer.print(text));

export const thread = inject([Printer], (printer) => () => printer.thread);

export const font = inject([FONT], (name: string) => async () => await Promise.resolve(name));

export const notes = inject(
  [Author, JobNotes, JobNotes],
  (author, mine, same) => (note: string, job: JobContext<{ requestId: string }>) => {
    author.write(note);
    return { notes: mine.notes, same: mine === same, of: mine.job.carried.requestId, own: mine.job === job };
  },
);

const seen = new Set<Stamp>();
export const stamps = inject([Stamp], (stamp) => () => seen.add(stamp).size);

export const pages = inject(
  [Printer],
  (printer) =>
    async function* (count: number): AsyncGenerator<string> {
      for (let page = 0; page < count; page++) yield printer.print(`${page}`);
    },
);

export const untilAborted = inject([Printer], () => async (began: Int32Array, job: JobContext) => {
  Atomics.store(began, 0, 1);
  while (!job.signal.aborted) await delay(1);
  trace('job over');
});

export const loops = inject([Printer], () => (began: Int32Array): never => {
  Atomics.store(began, 0, 1);
  for (;;);
});

export const log = inject([], () => (text: string) => new Logger('Press').log(text));

export const wrong = inject([], () => undefined as unknown as () => number);

/** Not at once, as its type says. */
export const late = inject([], () => Promise.reject(new TypeError('no function')) as unknown as () => number);

export const missing = inject(
  process.env['UNPROVIDED'] === 'yes' ? [Unprovided] : [],
  () => (): undefined => undefined,
);

/** No function of a worker's. */
export class Seal {}

/** One that needs nothing of the context. */
export const plain = (text: string): string => text.toUpperCase();
