import type { Client } from 'pg';
import { isObject } from '../../hooks/is-object.js';

/** The text of what was given to `query`: a text, or an object with one; a stream has that of its cursor. */
export function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  if (!isObject(query)) return undefined;
  const text: unknown = Reflect.get(query, 'text');
  if (typeof text === 'string') return text;
  return isSubmittable(query) ? textOf(Reflect.get(query, 'cursor')) : undefined;
}

/** The name that a statement is to have on the server, if any. */
export function nameOf(query: unknown): string | undefined {
  const name: unknown = isObject(query) ? Reflect.get(query, 'name') : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

type Callback = (error: Error) => void;

/** Calls a client's `query` in any of its forms. @param args what was given to `query` @returns what it returns */
export function callQuery(client: Client, args: readonly unknown[]): unknown {
  const { query } = client as { query: (this: Client, ...given: unknown[]) => unknown };
  return query.apply(client, [...args]);
}

/** Whether a statement submits itself to the connection, as a cursor does. */
export function isSubmittable(query: unknown): query is { submit: unknown; handleError?: Callback } {
  return isObject(query) && typeof Reflect.get(query, 'submit') === 'function';
}

/** Whether it is a stream that was destroyed: nobody would end what it reads. */
export function isGivenUp(query: unknown): boolean {
  return isSubmittable(query) && Reflect.get(query, 'destroyed') === true;
}

/** The callback that is given the outcome; undefined where `query` returns a promise. @param args what was given to `query` */
export function callbackOf(args: readonly unknown[]): Callback | undefined {
  const [query] = args;
  const own: unknown = isObject(query) ? Reflect.get(query, 'callback') : undefined;
  return [...args.slice(1), own].find((arg): arg is Callback => typeof arg === 'function');
}

/**
 * Fails a statement as the client does: by a promise, by its callback, or by `handleError` of one that submits itself.
 *
 * @param args what was given to `query`
 * @returns what `query` returns
 */
export function failStatement(args: readonly unknown[], error: Error): unknown {
  const [query] = args;
  if (isSubmittable(query)) {
    process.nextTick(() => query.handleError?.(error));
    return query;
  }
  const callback = callbackOf(args);
  if (callback === undefined) return Promise.reject(error);
  process.nextTick(callback, error);
  return undefined;
}
