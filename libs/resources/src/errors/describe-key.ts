import { quoteName } from './describe-name.js';

/** Longest part of a key that a message shows. */
const SHOWN = 60;

/** A key of the cache for a message: as in the source, and never longer than a line. */
export function describeKey(key: string): string {
  return key.length <= SHOWN
    ? quoteName(key)
    : `${quoteName(key.slice(0, SHOWN))}… (${key.length} characters)`;
}
