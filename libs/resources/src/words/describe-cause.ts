import { inspect, types } from 'node:util';
import { describeName } from './describe-name.js';
import { withoutSecrets } from './without-secrets.js';

/** Most characters of somebody else's message that one of ours quotes. */
const LONGEST = 500;
/** Most parts of an `AggregateError` that are told. */
const MOST_PARTS = 8;
/** Most characters that are read of a message before it is cut. */
const READ = 2_000;

/** What it says of a value that throws whatever it is asked. */
const INDESCRIBABLE = 'something that cannot be described was thrown';

/**
 * The reason of a failure as text, whatever was thrown: on one line, escaped, bounded, and without trusting that it can be
 * read at all; what looks like a secret in it is `***`. Node's own connection errors have no message when a host name has several addresses: then the code, or the
 * parts, say it.
 */
export function describeCause(cause: unknown): string {
  return describeName(withoutSecrets(textOf(cause, new Set()).slice(0, READ)), LONGEST);
}

/** Whether it is an error, of whatever realm: Node's own under Jest are not instances of this one's `Error`. */
export function isError(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    return false; // a proxy that does not even tell its prototype
  }
}

/** @param seen errors whose parts are being told: one may be a part of itself */
function textOf(cause: unknown, seen: Set<unknown>): string {
  if (typeof cause === 'string') return cause;
  try {
    return (isError(cause) ? errorText(cause, seen) : inspectText(cause)) ?? INDESCRIBABLE;
  } catch {
    return INDESCRIBABLE;
  }
}

function errorText(error: Error, seen: Set<unknown>): string | undefined {
  const message = read(error, 'message');
  if (typeof message === 'string' && message !== '') return message.slice(0, READ);
  const code = read(error, 'code');
  if (typeof code === 'string' && code !== '') return code;
  return partsText(error, seen) ?? nameOf(error);
}

function partsText(error: Error, seen: Set<unknown>): string | undefined {
  const parts = read(error, 'errors');
  if (seen.has(error) || !Array.isArray(parts)) return undefined;
  seen.add(error);
  const told = parts.slice(0, MOST_PARTS).map((part: unknown) => textOf(part, seen).slice(0, LONGEST));
  if (told.length === 0) return undefined;
  return parts.length > told.length
    ? `${told.join('; ')}; and ${parts.length - told.length} more`
    : told.join('; ');
}

function nameOf(error: Error): string | undefined {
  const name = read(error, 'name');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function inspectText(value: unknown): string {
  const text = inspect(value, {
    depth: 1,
    breakLength: Infinity,
    customInspect: false,
    maxArrayLength: 10,
    maxStringLength: LONGEST,
  });
  return text.slice(0, READ);
}

/** A property that may throw when it is read. */
function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}
