import type { QueryResult } from 'pg';

/** What pg answers to a statement that has no rows. */
export function answer(command: string): QueryResult {
  return { command, rowCount: null, oid: 0, rows: [], fields: [] };
}

type Callback = (error: unknown, result?: unknown) => void;

/** Where the callback stands in what was given to `query`; -1 if there is none. */
export function callbackIndexOf(args: readonly unknown[]): number {
  return args.findIndex((arg, index) => index > 0 && typeof arg === 'function');
}

/** Splits what was given to `query` into what is asked, and the callback for the answer. */
export function withoutCallback(args: readonly unknown[]): [asked: unknown[], callback?: Callback] {
  const at = callbackIndexOf(args);
  return at === -1 ? [[...args]] : [args.slice(0, at), args[at] as Callback];
}

/** Answers in the way that was asked for. @returns what `query` returns */
export function answerTo(callback: Callback | undefined, answered: Promise<unknown>): unknown {
  if (callback === undefined) return answered;
  void answered.then(
    (result) => process.nextTick(callback, undefined, result), // outside of the promise, where what it throws would be an unhandled rejection
    (error: unknown) => process.nextTick(callback, error),
  );
  return undefined;
}
