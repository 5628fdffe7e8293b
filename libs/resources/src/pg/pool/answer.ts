import type { QueryResult } from 'pg';
import { isObject } from '../../hooks/is-object.js';
import { callbackOf, isSubmittable } from '../session/statement-of.js';

/** What pg answers to a statement that has no rows. */
export function answer(command: string): QueryResult {
  return { command, rowCount: null, oid: 0, rows: [], fields: [] };
}

/** What is called with the outcome of a statement. */
export type Callback = (error: unknown, result?: unknown) => void;

/** Splits what was given to `query` into what is asked, and the callback for the answer: one of the arguments, or in the query itself. */
export function withoutCallback(args: readonly unknown[]): [asked: unknown[], callback?: Callback] {
  const at = args.findIndex((arg, index) => index > 0 && typeof arg === 'function');
  const callback = (at === -1 ? undefined : args[at]) as Callback | undefined;
  const [query, ...rest] = at === -1 ? args : args.slice(0, at);
  const own = isObject(query) && !isSubmittable(query) ? (callbackOf([query]) as Callback) : undefined;
  if (own === undefined) return [[query, ...rest], callback];
  return [[Object.create(query as object, NO_CALLBACK), ...rest], callback ?? own];
}

/** Over the query of a borrower, which stays as it is. */
const NO_CALLBACK: PropertyDescriptorMap = {
  callback: { value: undefined, writable: true, enumerable: true, configurable: true },
};

/** Answers in the way that was asked for. @returns what `query` returns */
export function answerTo(callback: Callback | undefined, answered: Promise<unknown>): unknown {
  if (callback === undefined) return answered;
  void answered.then(
    (result) => process.nextTick(callback, undefined, result), // outside of the promise, where what it throws would be an unhandled rejection
    (error: unknown) => process.nextTick(callback, error),
  );
  return undefined;
}
