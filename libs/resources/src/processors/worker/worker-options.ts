import type { Abstract, DynamicModule, InjectionToken, LoggerService, LogLevel, Type } from '@nestjs/common';
import type { JobContext } from '../../threads/jobs/job-context.js';

/** What a worker has of Nest. */
export interface WorkerOptions {
  /**
   * The root module of the application context that each thread makes of its own, before its first job: a class, or what its `forRoot()`
   * returns.
   */
  context: Type<unknown> | DynamicModule | Promise<DynamicModule>;
  /** Who writes the context's log, as `NestFactory` takes it: a logger, the levels of Nest's, or `false`. Default: Nest's, with all levels. */
  logger?: LoggerService | LogLevel[] | false;
}

/** A function that a worker exports: what a job calls, with its input. */
export type WorkerFunction = (input: never, job: JobContext<never>) => unknown;

/** What stands for injection tokens: instances for classes; for texts and symbols, what the parameter says. */
export type Injected<T extends readonly InjectionToken<unknown>[]> = {
  -readonly [I in keyof T]: T[I] extends Type<infer R> | Abstract<infer R> ? R : never;
};

/** What makes the functions of a worker. */
export interface WorkerDefinition {
  /**
   * Makes a function of the worker that has providers of its context.
   *
   * @param tokens of the providers, as in `inject` of a factory provider
   * @param make called with them for each job; returns the function that gets its input. What is request-scoped is made for the job, whose
   * {@link JobContext} is its `REQUEST`
   * @returns the function to be exported: to whoever asks for the job it is the one that `make` returns
   * @throws InvalidOptionsError if these are no tokens, or no function
   */
  readonly inject: <const T extends readonly InjectionToken<unknown>[], F extends WorkerFunction>(
    tokens: T,
    make: (...injected: Injected<T>) => F,
  ) => F;
}
