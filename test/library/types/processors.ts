/*
 * What the compiler accepts, and what it refuses, of an application that declares a processor's type by its worker's. A declaration counts for a
 * whole program, and so this file is one of its own: only `types.spec.ts` compiles it.
 */
import { ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { defineProcessor, type JobContext, Processor } from 'nestjs-resources/processors';
import { defineWorker, type WorkerFunction } from 'nestjs-resources/processors/worker';
import type * as press from '../processors/context/context.worker.fixture.js';
import type * as worker from '../processors/typed.worker.fixture.js';

declare module 'nestjs-resources' {
  interface ResourceTypes {
    pdf: Processor<typeof worker>;
    press: Processor<typeof press>;
    plain: Processor;
    pg: { query(text: string): Promise<number> };
  }
}

declare const coordinator: ResourceCoordinator;
declare const scoped: ScopedLease<Processor<typeof worker>>;
const file = new URL('./pdf.worker.js', import.meta.url);
const page = { width: 210, height: 297 };

// The worker's functions, what they take, and what they bring.
export const area: Promise<string> = coordinator.process('pdf', 'measure', page);
export const first: Promise<Uint8Array> = coordinator.process('pdf', 'first');
export const pages: Promise<AsyncIterableIterator<number>> = coordinator.process('pdf', 'pages', 3, {
  tenant: 'acme',
  priority: 3,
  timeout: '5s',
  transfer: [],
});
export const none: Promise<Uint8Array> = coordinator.process('pdf', 'first', undefined, { timeout: 5 });
export const session: Promise<string> = scoped.use((processor) => processor.run('measure', page));
export const unknown: Promise<unknown> = coordinator.process('plain', 'anything', page);
export const picture: Promise<Uint8Array> = coordinator.process('pdf', 'picture');
export const never: Promise<never> = coordinator.process('pdf', 'fails');
export const oneOrAll: Promise<string | AsyncIterableIterator<number>> = coordinator.process(
  'pdf',
  'oneOrAll',
  true,
);
// @ts-expect-error what was a Buffer arrives as an array of bytes
export const buffer: Promise<Buffer> = coordinator.process('pdf', 'picture');
// @ts-expect-error and so does each item
export const buffers: Promise<AsyncIterableIterator<Buffer>> = coordinator.process('pdf', 'pictures');
// @ts-expect-error no processor
void coordinator.process('pg', 'query', 'SELECT 1');
// @ts-expect-error the worker has no such function
void coordinator.process('pdf', 'mesure', page);
// @ts-expect-error what it exports is no function
void coordinator.process('pdf', 'version');
// @ts-expect-error no page
void coordinator.process('pdf', 'measure', { width: 210 });
// @ts-expect-error no page at all
void coordinator.process('pdf', 'measure');
// @ts-expect-error a text
export const wrong: Promise<number> = coordinator.process('pdf', 'measure', page);
// @ts-expect-error there is no such option
void coordinator.process('pdf', 'measure', page, { separate: true });
// @ts-expect-error not declared
void coordinator.process('typo', 'measure', page);
// @ts-expect-error a task's option, and not a job's
void scoped.use((processor) => processor.run('measure', page, { tenant: 'acme' }));

// Where processors are declared.
@Processor('pdf', { file, graceful: '1s', pool: { max: 2 }, dependsOn: ['pg'] })
export class PdfProcessor {}
ResourcesModule.forRoot({ processors: { pdf: { file } } });
ResourcesModule.forRoot({ resources: { pdf: defineProcessor<typeof worker>({ file }) } });
const { pool, ...factory } = defineProcessor<typeof worker>({ file });
coordinator.register('pdf', factory, pool);
// @ts-expect-error not declared
ResourcesModule.forRoot({ processors: { typo: { file } } });
// @ts-expect-error there is no such option
ResourcesModule.forRoot({ processors: { pdf: { file, max: 2 } } });
// @ts-expect-error there is no file
ResourcesModule.forRoot({ processors: { pdf: {} } });
// @ts-expect-error not declared
Processor('typo', { file });

/** A function of a worker. */
export function render(_: number, job: JobContext<{ traceId: string }>): Uint8Array {
  const { traceId } = job.carried;
  // @ts-expect-error nothing can be changed
  job.carried = { traceId };
  return job.transfer(new Uint8Array(1), []);
}

// Functions with providers of an application context: whoever asks for a job gives their input, and knows nothing of the providers.
export const printed: Promise<string> = coordinator.process('press', 'print', 'text');
export const thread: Promise<number> = coordinator.process('press', 'thread');
export const printedPages: Promise<AsyncIterableIterator<string>> = coordinator.process('press', 'pages', 3);
export const notes: Promise<{ notes: string[]; of: string }> = coordinator.process('press', 'notes', 'note');
// @ts-expect-error no text
void coordinator.process('press', 'print', 3);
// @ts-expect-error no text at all
void coordinator.process('press', 'print');

/** A provider. */
export abstract class Font {
  abstract width(text: string): number;
}
const { inject } = defineWorker({ context: class WorkerModule {}, logger: ['warn'] });
export const width = inject([Font], (font) => (text: string) => font.width(text));
export const widths: (text: string) => number = width;
export const carried = inject(
  [],
  () => (_: string, job: JobContext<{ traceId: string }>) => job.carried.traceId,
);
export const named = inject(
  ['pg', Font],
  (pg: { query(): number }, font) => () => pg.query() + font.width(''),
);
export const generic = inject(
  [Font],
  () =>
    <T>(value: T, { signal }: JobContext): T | boolean =>
      signal.aborted || value,
);
export const any: WorkerFunction[] = [width, carried, named, generic];
// @ts-expect-error there is no such method
inject([Font], (font) => () => font.height());
// @ts-expect-error what a text stands for, somebody has to say
inject(['pg'], (pg) => () => pg.query());
// @ts-expect-error one provider, and no two
inject([Font], (font: Font, other: Font) => () => font === other);
// @ts-expect-error no function
inject([Font], (font) => font.width('text'));
// @ts-expect-error no module
defineWorker({ context: 'WorkerModule' });
// @ts-expect-error there is no such option
defineWorker({ context: class WorkerModule {}, module: 1 });
