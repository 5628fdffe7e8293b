import type { Duration } from '../../time/duration.js';

/** Any function of a worker module. */
type WorkerFunction = (input: never, ...rest: never[]) => unknown;

/** The names of a worker module's functions; any text of a module whose type is not known. */
export type JobName<W> = unknown extends W
  ? string
  : { [K in keyof W]: W[K] extends WorkerFunction ? K : never }[keyof W] & string;

/** What a worker's function takes. */
export type JobInput<W, N> = N extends keyof W
  ? W[N] extends (...parameters: infer P) => unknown
    ? P extends readonly []
      ? undefined
      : P extends readonly [infer I, ...unknown[]]
        ? I
        : P extends readonly [(infer I)?, ...unknown[]]
          ? I | undefined
          : never
    : never
  : unknown;

/** What arrives of what was sent, as far as types can say: a `Buffer` is a plain array of bytes then. */
type Arrived<T> = T extends Buffer ? Uint8Array : T;

/** What a job brings of what its function has returned: of an async iterable, its items, to be read one after the other. */
type Received<T> = T extends AsyncIterable<infer Item> ? AsyncIterableIterator<Arrived<Item>> : Arrived<T>;

/** What a job brings: what the worker's function returns; of an async iterable, its items, to be read one after the other. */
export type JobResult<W, N> = N extends keyof W
  ? W[N] extends (...parameters: never[]) => infer R
    ? Received<Awaited<R>>
    : never
  : unknown;

/** Where a processor keeps the type of its worker module, which is nowhere but in types. */
declare const WORKER: unique symbol;

/** Options of one job. */
export interface JobOptions {
  /** Ends the job, whatever it does, when aborted. A signal of another realm, or a polyfill's, will do. */
  signal?: AbortSignal;
  /** Most time until the job is done; of an iterable, until its last item was sent. More than 0. Default `Infinity`. */
  timeout?: Duration;
  /** What of the input is moved to the thread instead of being copied: ArrayBuffers, ports, streams. Default: nothing. */
  transfer?: readonly object[];
}

/** What follows a job's name: its input, which may be left out if the function needs none, and the options. */
export type JobArguments<W, N, Options> =
  undefined extends JobInput<W, N>
    ? [input?: JobInput<W, N>, options?: Options]
    : [input: JobInput<W, N>, options?: Options];

/**
 * A worker thread as a resource: it runs the functions that its worker module exports.
 *
 * While it is on loan, nobody else's jobs run in it, and what its module keeps stays. Jobs that are started side by side run side by side, as
 * far as one thread can: what never yields holds up the others.
 *
 * @typeParam W the worker module: `typeof import('./pdf.worker.js')`
 */
export interface ProcessorThread<W = unknown> {
  readonly [WORKER]?: W;
  /**
   * Runs a function of the worker module in the thread.
   *
   * @param name under which the module exports it
   * @throws what the function throws, with its class name, message, stack, cause and fields; ProcessorAbortedError when the job was ended
   * before it was done, ProcessorCrashedError when the thread came to its end, InvalidOptionsError for a name that there is not, an option that
   * can't work, or an input that can't be sent
   */
  run<N extends JobName<W>>(name: N, ...args: JobArguments<W, N, JobOptions>): Promise<JobResult<W, N>>;
}
