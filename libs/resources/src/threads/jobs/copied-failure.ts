import { types } from 'node:util';
import { describeCause, isError } from '../../words/describe-cause.js';

/** Most errors that are copied with one, as its causes and parts: there may be circles. */
const MOST_COPIED = 32;
/** Most further fields of one error that are copied. */
const MOST_FIELDS = 32;

/** What was thrown in a thread, as it can be sent: an error taken apart, or any other value. */
export type CopiedFailure =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'error';
      readonly name: string;
      /** What it is called as an error of the language, which it is or extends. */
      readonly base: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly cause: CopiedFailure | undefined;
      /** Of an `AggregateError`, which does not enumerate them. Whoever calls a field of theirs so, does. */
      readonly errors: readonly CopiedFailure[] | undefined;
      /** What else it has that can be sent: `code`, `status`. */
      readonly fields: Readonly<Record<string, unknown>>;
    };

/** The members that are copied by themselves. */
const TAKEN_APART = ['name', 'message', 'stack', 'cause'];

/** Errors of the language keep their class. */
const BUILT_IN: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/**
 * Takes what was thrown apart, so that it can be sent to another thread: by itself, an error would lose its class name and its fields, and one
 * with a function in a field could not be sent at all. It never fails, whatever was thrown.
 */
export function copyFailure(thrown: unknown): CopiedFailure {
  let left = MOST_COPIED;
  const copy = (value: unknown): CopiedFailure => {
    left--;
    return isErrorOfAnyKind(value)
      ? copyError(value)
      : (sendableOf(value) ?? copyError(new Error(describeCause(value))));
  };
  const inner = (value: unknown): CopiedFailure[] => (value === undefined || left <= 0 ? [] : [copy(value)]);
  const copyError = (error: Error): CopiedFailure => ({
    kind: 'error',
    name: nameOf(error),
    base: baseOf(error),
    message: textOf(error, 'message') ?? describeCause(error),
    stack: textOf(error, 'stack'),
    cause: inner(read(error, 'cause'))[0],
    errors: partsOf(error)?.flatMap((part) => inner(part)),
    fields: fieldsOf(error),
  });
  return copy(thrown);
}

/** What {@link copyFailure} took apart, together again: the same words, and the same class if that is one of the language's. */
export function restoreFailure(copied: CopiedFailure): unknown {
  if (copied.kind === 'value') return copied.value;
  const { name, base, message, stack, cause, errors, fields } = copied;
  const options = cause === undefined ? undefined : { cause: restoreFailure(cause) };
  const Class = Object.hasOwn(BUILT_IN, base) ? BUILT_IN[base] : Error;
  const error =
    errors === undefined
      ? new Class(message, options)
      : new AggregateError(
          errors.map((part) => restoreFailure(part)),
          message,
          options,
        );
  for (const [field, value] of Object.entries(fields)) define(error, field, value, true);
  if (error.name !== name) define(error, 'name', name, false);
  define(error, 'stack', stack ?? `${name}: ${message}`, false);
  return error;
}

/** What a signal is aborted with may be of the process's realm, while `Error` is another one's. */
function isErrorOfAnyKind(value: unknown): value is Error {
  if (isError(value)) return true;
  try {
    return !types.isProxy(value) && value instanceof DOMException;
  } catch {
    return false; // what it extends is a proxy
  }
}

function define(error: Error, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, name, { value, enumerable, configurable: true, writable: true });
}

function sendableOf(value: unknown): CopiedFailure | undefined {
  try {
    return { kind: 'value', value: structuredClone(value) };
  } catch {
    return undefined;
  }
}

function baseOf(error: Error): string {
  return textOf(error, 'name') ?? 'Error';
}

/** A class that sets no name of its own still has one, and not that of the language's error which it extends. */
function nameOf(error: Error): string {
  const name = baseOf(error);
  const given = !Object.hasOwn(BUILT_IN, name) && name !== AggregateError.name;
  if (given || isOwn(error, 'name')) return name;
  const Class = read(error, 'constructor');
  const own = typeof Class === 'function' ? textOf(Class, 'name') : undefined;
  return own === undefined || own === '' ? name : own;
}

function fieldsOf(error: Error): Record<string, unknown> {
  const fields: [string, unknown][] = [];
  for (const name of keysOf(error)
    .filter((each) => !TAKEN_APART.includes(each))
    .slice(0, MOST_FIELDS)) {
    const copied = sendableOf(read(error, name));
    if (copied?.kind === 'value') fields.push([name, copied.value]);
  }
  return Object.fromEntries(fields);
}

function partsOf(error: Error): unknown[] | undefined {
  try {
    const { value: parts, enumerable } = Object.getOwnPropertyDescriptor(error, 'errors') ?? {};
    return Array.isArray(parts) && enumerable === false ? parts.slice(0, MOST_COPIED) : undefined;
  } catch {
    return undefined; // a proxy that tells nothing
  }
}

function keysOf(error: Error): string[] {
  try {
    return Object.keys(error);
  } catch {
    return []; // a proxy that tells nothing
  }
}

function isOwn(error: Error, name: string): boolean {
  try {
    return Object.hasOwn(error, name);
  } catch {
    return false; // a proxy that tells nothing
  }
}

function textOf(value: object, name: string): string | undefined {
  const text = read(value, name);
  return typeof text === 'string' ? text : undefined;
}

/** A property that may throw when it is read. */
function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}
