import { describeValue } from '../words/describe-value.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';

/** A span of time: milliseconds, or a number with a unit such as `'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'1d'`. */
export type Duration = number | string;

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** Whether a text is a duration: a number with a unit. */
export function isDurationText(text: string): boolean {
  return PATTERN.test(text.trim());
}

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
      `must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got ${describeValue(value)}.`,
      type,
    );
  }
  return Number(match[1]) * UNITS[match[2]];
}
