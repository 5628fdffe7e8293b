import { OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** How the clients of a `pgPool` borrow. */
export interface PgPoolOptions {
  /** For a type with `keyed`: the key, or what finds it; it is asked at each checkout, in the context of who asks for a client. */
  key?: string | (() => string);
  /** Longest wait for a session, in milliseconds or as `'2s'`. Default: the type's `acquireTimeout`. */
  timeout?: Duration;
}

/** @throws InvalidOptionsError naming the first option that can't work */
export function readPgPoolOptions(type: string, given: PgPoolOptions): PgPoolOptions {
  const read = new OptionReader('pgPool', type);
  const options = read.group('', given, ['key', 'timeout']);
  const { key, timeout } = options;
  if (key !== undefined && typeof key !== 'string') read.callback('key', key);
  if (timeout !== undefined) read.span('timeout', timeout, Infinity);
  return { key, timeout };
}
