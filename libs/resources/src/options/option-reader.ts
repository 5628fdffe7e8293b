import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { describeValue } from '../words/describe-value.js';
import { type Duration, parseDuration } from '../time/duration.js';

/**
 * Reads single options and refuses what cannot work, by the option's full name. It knows what a count or a
 * duration is; what the options mean is the business of the files beside it.
 */
export class OptionReader {
  /**
   * @param at where the options stand, for the errors: `resources.pg.pool`
   * @param type the resource type concerned, if it is one
   */
  constructor(
    private readonly at: string,
    private readonly type?: string,
  ) {}

  fail(option: string, problem: string): never {
    throw new InvalidOptionsError(this.path(option), problem, this.type);
  }

  /** A group of options, all of them known. @param group its name; '' for the options themselves */
  group<O extends object>(group: string, options: O | undefined, names: readonly string[]): Partial<O> {
    if (options === undefined) return {};
    checkOptions(options, this.path(group), this.type);
    for (const name of Object.keys(options)) {
      if (!names.includes(name)) {
        this.fail(
          group === '' ? name : `${group}.${name}`,
          `is not an option. Known options: ${names.join(', ')}.`,
        );
      }
    }
    return options;
  }

  count(option: string, value: number | undefined, fallback: number, least: number): number {
    const count = value === undefined ? fallback : value;
    const whole = Number.isInteger(count) || (count === Infinity && fallback === Infinity);
    if (!whole || count < least)
      this.fail(option, `must be a whole number of at least ${least}; got ${describeValue(count)}.`);
    return count;
  }

  /** A count, or `Infinity` for no limit. */
  limit(option: string, value: number | undefined, fallback: number, least: number): number {
    const limit = value === undefined ? fallback : value;
    if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit >= least)) {
      this.fail(
        option,
        `must be a whole number of at least ${least}, or Infinity; got ${describeValue(limit)}.`,
      );
    }
    return limit;
  }

  /** A number from 0 to 1. */
  fraction(option: string, value: number | undefined, fallback: number): number {
    const fraction = value === undefined ? fallback : value;
    if (typeof fraction !== 'number' || !(fraction >= 0 && fraction <= 1)) {
      this.fail(option, `must be a number from 0 to 1; got ${describeValue(fraction)}.`);
    }
    return fraction;
  }

  flag(option: string, value: boolean | undefined, fallback: boolean): boolean {
    if (value === undefined) return fallback;
    if (typeof value !== 'boolean') this.fail(option, `must be true or false; got ${describeValue(value)}.`);
    return value;
  }

  /** A function, if there is one. */
  callback<F extends (...args: never[]) => unknown>(option: string, value: F | undefined): F | undefined {
    if (value !== undefined && typeof value !== 'function') {
      this.fail(option, `must be a function; got ${describeValue(value)}.`);
    }
    return value;
  }

  oneOf<const N extends string>(option: string, value: N | undefined, names: readonly N[], fallback: N): N {
    if (value === undefined) return fallback;
    if (!names.includes(value)) {
      const known = names.map((name) => describeValue(name)).join(', ');
      this.fail(option, `must be one of ${known}; got ${describeValue(value)}.`);
    }
    return value;
  }

  /** A duration from 0. */
  duration(option: string, value: Duration | undefined, fallback: Duration): number {
    return parseDuration(value === undefined ? fallback : value, this.path(option), this.type);
  }

  /** A duration above 0. */
  span(option: string, value: Duration | undefined, fallback: Duration): number {
    const duration = this.duration(option, value, fallback);
    if (duration === 0) this.fail(option, 'must be more than 0; use Infinity for no limit.');
    return duration;
  }

  private path(option: string): string {
    if (this.at === '') return option;
    return option === '' ? this.at : `${this.at}.${option}`;
  }
}

/** Of what stands by itself: arguments, and the options of one call. */
export const OWN_NAME = new OptionReader('');

/** @throws InvalidOptionsError if it is not an object */
export function checkOptions(options: unknown, at: string, type?: string): void {
  if (isGroup(options)) return;
  throw new InvalidOptionsError(at, `must be an object; got ${describeValue(options)}.`, type);
}

/** Whether a value is a group of options rather than an option. */
export function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
