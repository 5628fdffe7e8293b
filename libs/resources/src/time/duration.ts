import { describeName, quoteName } from '../errors/describe-name.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';

/** A span of time: milliseconds, or a number with a unit such as `'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'1d'`. */
export type Duration = number | string;

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/**
 * Reads a duration.
 *
 * @param option the option's name, for the error
 * @param type the resource type concerned, for the error
 * @returns milliseconds, 0 or more; `Infinity` stays `Infinity`
 * @throws InvalidOptionsError when it is negative or unreadable
 */
export function parseDuration(value: Duration, option: string, type?: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  const match = typeof value === 'string' ? PATTERN.exec(value.trim()) : null;
  if (match === null) {
    throw new InvalidOptionsError(
      option,
      `must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got ${format(value)}.`,
      type,
    );
  }
  return Number(match[1]) * UNITS[match[2]];
}

/** Whether it is an array; a revoked proxy is nothing that it could say. */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** A value as it would stand in the source, for an error message. */
export function format(value: unknown): string {
  if (typeof value === 'string') return quoteName(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return isArray(value) ? 'an array' : 'an object';
  return describeName(String(value));
}
