import type { MessagePort } from 'node:worker_threads';
import type { CopiedFailure } from './jobs/copied-failure.js';

/** The states of a job's flag, which the thread reads from shared memory, without yielding. */
export const GOES_ON = 0;
/** Somebody wants it no more. */
export const ABORTED = 1;
/** Its deadline has passed. */
export const TIMED_OUT = 2;
/** Its caller has read as much of its items as it wanted. */
export const READ_ENOUGH = 3;

/** Bytes of heap that a thread uses. */
export const HEAP = 0;
/** Microseconds of CPU that it has used; 0 where Node does not tell. */
export const CPU = 1;

/** The first thing that a thread is told: which worker module it is for. Answered by {@link Answer} with {@link Prepared}. */
export interface Preparation {
  readonly kind: 'prepare';
  /** URL of the module. */
  readonly file: string;
  /** Whether it is TypeScript, which has to be compiled first. */
  readonly typescript: boolean;
  /** By which {@link ToThread} and {@link FromThread} go. */
  readonly port: MessagePort;
  /** The flags of its jobs, which are shared. */
  readonly flags: Int32Array;
  /** Shared, too: what it has used, at {@link HEAP} and {@link CPU}. Written after each job. */
  readonly usage: Float64Array;
  /** Items that may be under way before any was read, a count. */
  readonly highWaterMark: number;
}

/** What a thread has when it has loaded its worker module. */
export interface Prepared {
  /** Their names. */
  readonly functions: readonly string[];
  /** Whether it has something to close before it ends. */
  readonly closes: boolean;
}

/** The last thing that a thread is told, if it {@link Prepared.closes}; answered when that is closed. */
export interface Closing {
  readonly kind: 'close';
}

/** A job, answered when it is done. */
export interface JobMessage {
  readonly kind: 'job';
  readonly job: number;
  /** Of the worker's function. */
  readonly name: string;
  readonly input: unknown;
  /** Which of the flags is its own; a flag besides them where all were taken. */
  readonly flag: number | Int32Array;
  readonly carried?: unknown;
}

/** How a job ended. `sent` says that the result goes by the port: it transfers something, or is an iterable, whose items follow. */
export type Answer =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'sent' }
  | { readonly kind: 'threw'; readonly failure: CopiedFailure };

/** What a thread is told by the port while a job runs. `look` says that its flag has changed. */
export type ToThread =
  | { readonly kind: 'look'; readonly job: number }
  | { readonly kind: 'credit'; readonly job: number; readonly count: number };

/** What a thread tells of a job by the port. `items` says that the result is an iterable, whose items follow. */
export type JobNews =
  | { readonly kind: 'items'; readonly job: number }
  | { readonly kind: 'item'; readonly job: number; readonly value: unknown }
  | { readonly kind: 'result'; readonly job: number; readonly value: unknown }
  | {
      readonly kind: 'end';
      readonly job: number;
      readonly failure: CopiedFailure | undefined;
    };

/** What a thread tells by the port. `thrown` is what ends it. */
export type FromThread = JobNews | { readonly kind: 'thrown'; readonly failure: CopiedFailure };
