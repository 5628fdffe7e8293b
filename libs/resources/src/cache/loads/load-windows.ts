import { OWN_NAME } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';
import { type LoadWindows, readWindows } from '../cache-options.js';

type PlainWindows = { readonly [Name in keyof LoadWindows]?: Duration };

interface WrapWindows extends Omit<PlainWindows, 'refreshAhead'> {
  readonly refreshAhead?: Duration | ((value: never) => Duration);
}

/**
 * The windows of one look-up that may load. One that is a function of the value is not read yet, and 0.
 *
 * @param prefix of the options' names, for the errors
 */
export function readWrapWindows(
  options: WrapWindows,
  defaults: Readonly<Record<keyof LoadWindows, Duration>>,
  prefix: string,
): LoadWindows {
  const fixed = typeof options.refreshAhead === 'function' ? { ...options, refreshAhead: 0 } : options;
  return readWindows(fixed as PlainWindows, defaults, prefix); // none of them is a function any more
}

/** How long a value is kept beyond its life. What is not given is the cache's, which its store knows. */
export function readGrace(
  staleWhileRevalidate: Duration | undefined,
  staleIfError: Duration | undefined,
): number {
  if (staleWhileRevalidate === undefined && staleIfError === undefined) return 0;
  return graceOf({
    staleWhileRevalidate: OWN_NAME.duration('staleWhileRevalidate', staleWhileRevalidate, 0),
    staleIfError: OWN_NAME.duration('staleIfError', staleIfError, 0),
  });
}

/** How long values with these windows are kept beyond their life, in milliseconds. */
export function graceOf({
  staleWhileRevalidate,
  staleIfError,
}: Pick<LoadWindows, 'staleWhileRevalidate' | 'staleIfError'>): number {
  return Math.max(staleWhileRevalidate, staleIfError);
}
