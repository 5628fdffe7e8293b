import { describeName, quoteName } from './describe-name.js';

/** A value as it would stand in the source, for an error message. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return quoteName(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return isArray(value) ? 'an array' : 'an object';
  return describeName(String(value));
}

/** Whether it is an array; a revoked proxy throws when it is asked. */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
